// Unit tests stand beside their file as *.spec.ts; what needs more than one app is in test/. Both run on the sources through swc;
// worker threads and child processes run from dist, so build first (`npm test` does).
import type { Config } from 'jest';

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

const libs = 'action-container|clock|config|entity|lease|lifecycle|limits|protocol|store|supervisor|telemetry';
const shared: Config = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', swc as unknown as Record<string, unknown>] },
  moduleNameMapper: { [`^#(${libs})$`]: '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  rootDir: '.',
};

const config: Config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,docker}/**/*.spec.ts'] },
    { ...shared, displayName: 'system', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
  ],
  testTimeout: 30_000,
};

export default config;
