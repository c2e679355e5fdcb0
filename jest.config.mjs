// Unit tests stand beside their file as *.spec.ts; what runs whole apps is in test/ and apps/*/test/. Both run on the sources through swc;
// worker threads and child processes run from dist, so build first (`npm test` does).
//
// Plain JavaScript, since jest on Node 20 reads a TypeScript configuration only with ts-node.
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));

const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs', ignoreDynamic: true },
  sourceMaps: 'inline',
};

const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { [`^#(${readdirSync(`${root}/libs`).join('|')})$`]: '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  rootDir: root,
};

/** `npm run test:long` runs the long ones instead. */
const systemSuites = process.env.HEARTH_TEST_LONG === '1' ? 'long' : 'spec';

export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps/*/src,libs,docker,tools}/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'system',
      testEnvironment: '<rootDir>/tools/test/telling-environment.cjs',
      testMatch: [`<rootDir>/{test,apps/*/test}/**/*.${systemSuites}.ts`],
    },
  ],
  testTimeout: 30_000,
};
