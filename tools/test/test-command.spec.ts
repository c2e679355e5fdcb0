// `npm test` as a process: what it runs, what it counts, and what it says about tests that could not run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  notRun: string[];
}

describe('npm test', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearth-test-command-'));
    // A PATH on which nothing is but Node and git.
    symlinkSync(process.execPath, join(folder, 'node'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(
    words: string[],
    env: Record<string, string> = {},
  ): { status: number | null; text: string; counts: Counts } {
    const counts = join(folder, 'counts.json');
    const { status, stdout } = spawnSync(process.execPath, ['tools/test.mjs', ...words], {
      env: { PATH: folder, HEARTH_TEST_INSTALL: '0', HEARTH_TEST_COUNTS: counts, ...env },
    });
    return { status, text: stdout.toString(), counts: JSON.parse(readFileSync(counts, 'utf8')) as Counts };
  }

  const spec = 'libs/supervisor/src/back-off.spec.ts';

  it('runs what lies below a path, counts it, and names what could not run', () => {
    const { status, text, counts } = run([spec]);
    expect(counts).toMatchObject({ passed: 2, failed: 0 });
    expect(counts.notRun[0]).toBe(
      'test/e2e/python.spec.ts: python3 is not on the PATH, and HEARTH_TEST_INSTALL=0 forbids to install it',
    );
    expect(text).toContain(`test: not run: ${counts.notRun[0]!}\n`);
    expect(text.trimEnd().split('\n').at(-1)).toBe(`test: 2 passed, 0 failed, ${counts.notRun.length} not run`);
    expect(status).toBe(0);
  });

  it('fails for the same reason with CI=true', () => {
    const { status, counts } = run([spec], { CI: 'true' });
    expect(counts).toMatchObject({ passed: 2, failed: counts.notRun.length });
    expect(status).toBe(1);
  });

  it('counts failed and skipped tests, and files that cannot be run', () => {
    const config = join(folder, 'jest.config.cjs');
    writeFileSync(
      config,
      `module.exports = { rootDir: ${JSON.stringify(folder)}, projects: [{ displayName: 'small', rootDir: ${JSON.stringify(folder)}, testMatch: ['**/*.check.js'], transform: {} }] };`,
    );
    writeFileSync(
      join(folder, 'a.check.js'),
      "it('passes', () => {}); it('fails', () => { throw new Error('no'); }); it.skip('waits', () => {});",
    );
    writeFileSync(join(folder, 'b.check.js'), 'this is no JavaScript');
    const { status, counts } = run([`--config=${config}`, '--selectProjects=small']);
    expect(counts.failed).toBeGreaterThanOrEqual(2);
    expect(counts.notRun.some((line) => line.endsWith('a.check.js: waits: skipped in the file'))).toBe(true);
    expect(status).toBe(1);
  });
});
