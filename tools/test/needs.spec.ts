// The needs of tests, settled by a process with a PATH of its own, on which `apt-get` is a script that records what it was asked for.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Unmet {
  binary: string;
  reason: string;
}

describe('needs of tests', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearth-needs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, text: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  /** Settles a need for `tool` from the package `tool-minimal`. */
  function settle({ isRoot = true, install = '1', needsRoot = false } = {}): { unmet: Unmet[]; said: string[] } {
    const code = `
      import { settleNeeds } from ${JSON.stringify(join(process.cwd(), 'tools/test/needs.mjs'))};
      const said = [];
      const wanted = [{ binary: 'tool', debianPackage: 'tool-minimal', needsRoot: ${needsRoot}, suites: ['x'] }];
      const unmet = settleNeeds(wanted, { env: process.env, isRoot: ${isRoot}, say: (line) => said.push(line) });
      console.log(JSON.stringify({ unmet, said }));`;
    const env = { PATH: folder, HEARTH_TEST_INSTALL: install };
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { env });
    return JSON.parse(output.toString()) as { unmet: Unmet[]; said: string[] };
  }

  const reasons = ({ unmet }: { unmet: Unmet[] }): string[] => unmet.map(({ reason }) => reason);

  it('has nothing to do when the program is there', () => {
    program('tool', '');
    expect(settle()).toEqual({ unmet: [], said: [] });
  });

  it('installs the package as root on Debian, and says so', () => {
    program(
      'apt-get',
      `echo "$@" >> ${folder}/asked; echo > ${folder}/tool; PATH=/bin:/usr/bin chmod +x ${folder}/tool`,
    );
    const { unmet, said } = settle();
    expect(unmet).toEqual([]);
    expect(said).toEqual(['installing Debian packages: tool-minimal (HEARTH_TEST_INSTALL=0 turns this off)']);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('install --yes --no-install-recommends tool-minimal\n');
  });

  it('fetches package lists when the installation fails, and reports what stays missing', () => {
    program('apt-get', `echo "$1" >> ${folder}/asked; [ "$1" = update ]`);
    expect(reasons(settle())).toEqual(['tool is not on the PATH, and apt-get did not bring it (exit code 1)']);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('install\nupdate\ninstall\n');
  });

  it.each([
    [{ install: '0' }, 'HEARTH_TEST_INSTALL=0 forbids to install it'],
    [{ isRoot: false }, 'only root can install tool-minimal'],
  ])('installs nothing with %j', (options, why) => {
    program('apt-get', `echo > ${folder}/asked`);
    expect(reasons(settle(options))).toEqual([`tool is not on the PATH, and ${why}`]);
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('keeps suites that need root from others', () => {
    program('tool', '');
    expect(reasons(settle({ isRoot: false, needsRoot: true }))).toEqual(['only root can run tool']);
    expect(settle({ needsRoot: true }).unmet).toEqual([]);
  });

  it('says so where there is no apt-get', () => {
    expect(reasons(settle())).toEqual(['tool is not on the PATH, and this is not Debian']);
  });
});
