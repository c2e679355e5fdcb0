// The arrows of .dependency-cruiser.cjs refuse what they are there to refuse: a small tree that breaks each of them once.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const index = (text = 'export const x = 1;\n'): string => text;

const files: Record<string, string> = {
  'libs/clock/src/index.ts': index("export { y } from './inner';\n"),
  'libs/clock/src/inner.ts': 'export const y = 1;\n',
  'libs/store/src/index.ts': index("import { z } from '#protocol';\nexport const x = z;\n"),
  'libs/protocol/src/index.ts': index("export { z } from './generated/share_states';\n"),
  'libs/protocol/src/generated/share_states.ts': 'export const z = 1;\n',
  'libs/limits/src/index.ts': index("import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n"),
  'libs/lease/src/index.ts': index("import { Kysely } from 'kysely';\nexport const k = Kysely;\n"),
  'libs/telemetry/src/index.ts': index("import { a } from '../../../apps/scheduler/src/a';\nexport const t = a;\n"),
  'apps/scheduler/src/a.ts': "import { b } from './b';\nexport const a = b;\n",
  'apps/scheduler/src/b.ts': "import { a } from './a';\nexport const b: number = a;\n",
  'apps/scheduler/src/fine.ts': "import { y } from '#clock';\nexport const fine = y;\n",
  'apps/controller/src/rest/actions.routes.ts': "import { Module } from '@nestjs/common';\nexport const r = Module;\n",
  'apps/controller/src/invoke/warm-containers.ts':
    "import { r } from '../rest/actions.routes';\nimport { request } from 'undici';\nexport const w = [r, request];\n",
  'apps/controller/src/invoke/shell.ts':
    "import { Module } from '@nestjs/common';\nimport Database from 'libsql';\nexport const s = [Module, Database];\n",
  'apps/invoker-agent/src/c.ts':
    "import { fine } from '../../scheduler/src/fine';\nimport { z } from '../../../libs/protocol/src/generated/share_states';\nimport { y } from '../../../libs/clock/src/inner';\nimport { q } from './nowhere';\nimport fc from 'fast-check';\nexport const c = [fine, z, y, q, fc];\n",
};

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

describe('the architecture check', () => {
  const tree = mkdtempSync(join(tmpdir(), 'hearth-arrows-'));
  afterAll(() => rmSync(tree, { recursive: true }));

  it('reports every arrow that a file breaks, and none that it keeps', () => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(tree, dirname(path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    const configuration = ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'tools/pure-files.cjs'];
    for (const name of configuration) cpSync(name, join(tree, name));
    symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
    const cruise = ['apps', 'libs', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
    const report = execFileSync(join(process.cwd(), 'node_modules/.bin/depcruise'), cruise, { cwd: tree }).toString();
    const { violations } = (JSON.parse(report) as { summary: { violations: Violation[] } }).summary;
    const broken = violations.map(({ rule, from }) => `${rule.name}: ${from}`);
    expect([...new Set(broken)].sort()).toEqual([
      'apps-meet-in-protocols-only: apps/invoker-agent/src/c.ts',
      'generated-code-stays-in-protocol: apps/invoker-agent/src/c.ts',
      'invoke-does-not-know-rest: apps/controller/src/invoke/warm-containers.ts',
      'leases-use-sqlite-as-a-lock-only: libs/lease/src/index.ts',
      'libs-are-entered-by-their-index: apps/invoker-agent/src/c.ts',
      'libs-do-not-know-apps: libs/telemetry/src/index.ts',
      'nest-stays-at-the-edge: apps/controller/src/invoke/shell.ts',
      'no-cycles: apps/scheduler/src/a.ts',
      'no-development-packages-at-run-time: apps/invoker-agent/src/c.ts',
      'nothing-unresolvable: apps/invoker-agent/src/c.ts',
      'pure-files-decide-only: apps/controller/src/invoke/warm-containers.ts',
      'pure-files-decide-only: libs/limits/src/index.ts',
      'sql-lives-in-the-store: apps/controller/src/invoke/shell.ts',
      'the-store-does-not-know-the-protocol: libs/store/src/index.ts',
    ]);
  });
});
