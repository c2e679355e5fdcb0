// What cannot start says so in one sentence, with a non-zero exit code, and leaves nothing behind.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHearth } from '../support/platform';
import { processesUsing } from '../support/processes';

describe('a start that cannot succeed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearth-refusal-'));
  });
  afterEach(() => {
    expect(processesUsing(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  /** Exit code and everything printed. */
  async function outcome(env: Record<string, string>, nodeOptions: string[] = []): Promise<[number | null, string]> {
    const { ended, printed } = runHearth({ HEARTH_DATA_DIR: join(folder, 'data'), ...env }, nodeOptions);
    const { code } = await ended;
    return [code, printed()];
  }

  it('a busy port: names it, its setting and what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [code, text] = await outcome({ HEARTH_PORTS: 'free', API_LISTEN: `127.0.0.1:${port}` });
    server.close();
    expect(text).toBe(
      `hearth: cannot listen on 127.0.0.1:${port}, another process does; stop that process, or set API_LISTEN to another host:port (HEARTH_PORTS=free picks free ones).\n`,
    );
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'data/running.json'))).toBe(false);
  });

  it('a data directory below a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, 'file/data');
    expect(await outcome({ HEARTH_DATA_DIR: path })).toEqual([
      1,
      `hearth: cannot use the data directory ${path}: a part of the path is a file; make it writable, or choose another with HEARTH_DATA_DIR.\n`,
    ]);
  });

  it('a data directory where none can be made', async () => {
    const [code, text] = await outcome({ HEARTH_DATA_DIR: '/proc/hearth' });
    expect(text).toMatch(
      /^hearth: cannot use the data directory \/proc\/hearth: [^\n]+ choose another with HEARTH_DATA_DIR\.\n$/,
    );
    expect(code).toBe(1);
  });

  it('a Node that is too old', async () => {
    const preload = join(folder, 'old.cjs');
    writeFileSync(preload, "Object.defineProperty(process.versions, 'node', { value: '20.18.1' });");
    expect(await outcome({}, ['--require', preload])).toEqual([
      1,
      'hearth: needs Node 20.19.0 or newer, and this is Node 20.18.1; install a newer one from https://nodejs.org.\n',
    ]);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('limits that are none', async () => {
    const [code, text] = await outcome({ LIMIT_SUSPEND_GRACE_MS: 'soon', LIMIT_NONSENSE: '1' });
    expect(text).toBe(
      'hearth: bad settings. LIMIT_SUSPEND_GRACE_MS is "soon"; set an integer of at least 0, or unset it (10000). LIMIT_NONSENSE is no limit of Hearth; unset it.\n',
    );
    expect(code).toBe(78);
  });

  it('secrets that cannot be read; they are not overwritten', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/secrets.json'), '{}');
    const [code, text] = await outcome({ HEARTH_PORTS: 'free' });
    expect(text).toMatch(
      /^hearth: cannot read the secrets in \S+: one is missing or too short; remove the file[^\n]+\n$/,
    );
    expect(code).toBe(1);
    expect(readFileSync(join(folder, 'data/secrets.json'), 'utf8')).toBe('{}');
  });
});
