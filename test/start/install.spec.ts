// A checkout in which nothing is installed: `hearth start` says so and calls npm ci; an npm that fails is one sentence.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runHearth } from '../support/platform';

describe('installation at a start', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'hearth-checkout-'));
    for (const path of ['bin', 'tools', 'package.json'])
      cpSync(join(root, path), join(checkout, path), { recursive: true });
    lock('1.0.0');
    mkdirSync(join(checkout, 'path'));
    // The npm of this test notes its arguments and installs what FAKE_NPM says.
    const npm = `#!/bin/sh
echo "$@" >> ${checkout}/asked
[ -n "$FAKE_NPM_FAILS" ] && exit 7
/bin/mkdir -p node_modules
/bin/cp package-lock.json node_modules/.package-lock.json
`;
    writeFileSync(join(checkout, 'path/npm'), npm, { mode: 0o755 });
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const lock = (version: string, file = 'package-lock.json'): void =>
    writeFileSync(
      join(checkout, file),
      JSON.stringify({
        packages: {
          '': { name: 'hearth' },
          'node_modules/one': { version },
          'node_modules/other-platform': { version: '1.0.0', optional: true },
        },
      }),
    );

  /** The start fails after the installation, since this checkout has no sources. */
  async function start(env: Record<string, string> = {}): Promise<string> {
    const { ended, printed } = runHearth({ PATH: join(checkout, 'path'), ...env }, [], checkout);
    expect((await ended).code).toBe(1);
    return printed();
  }

  const asked = (): string =>
    existsSync(join(checkout, 'asked')) ? readFileSync(join(checkout, 'asked'), 'utf8') : '';

  it('installs with development dependencies when nothing is there, and not again', async () => {
    expect(await start()).toContain('hearth: installing dependencies with npm ci (nothing is installed yet)\n');
    expect(asked()).toBe('ci --include=dev --no-audit --no-fund\n');
    expect(await start()).not.toContain('installing');
    expect(asked()).toBe('ci --include=dev --no-audit --no-fund\n');
  });

  it('installs again when the lock file has moved on, but not for packages of other platforms', async () => {
    mkdirSync(join(checkout, 'node_modules'));
    lock('0.9.0', 'node_modules/.package-lock.json');
    expect(await start()).toContain('(one is not as in package-lock.json)');
    writeFileSync(
      join(checkout, 'node_modules/.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.0' } } }),
    );
    expect(await start()).not.toContain('installing');
  });

  it('says in one sentence that npm failed', async () => {
    const text = await start({ FAKE_NPM_FAILS: '1' });
    expect(text).toContain(
      'hearth: cannot prepare the start: npm ci failed (exit code 7); its report is above. Try again once that is solved.\n',
    );
  });

  it('says in one sentence that there is no npm', async () => {
    rmSync(join(checkout, 'path/npm'));
    expect(await start()).toContain('hearth: cannot prepare the start: npm ci failed (spawnSync npm ENOENT)');
  });
});
