// What a newcomer does: clone, `npm start`. Nothing is installed, nothing is built, npm's cache is empty. Needs git, and a registry for npm.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guest } from '../support/guest';
import { guestKey, root } from '../support/platform';
import { processesUsing } from '../support/processes';
import { until } from '../support/until';

/** npm ci of an empty cache, then the build, on a machine with other things to do. */
const readyWithinMs = 600_000;
const stoppedWithinMs = 60_000;

/** What npm has been told of registries and proxies, and an empty cache in that folder. */
function npmEnvironment(folder: string): NodeJS.ProcessEnv {
  const settings = Object.entries(process.env).filter(([name]) => /^npm_config_(?!cache$)|_proxy$/i.test(name));
  const { PATH = '', HOME = '' } = process.env;
  return { ...Object.fromEntries(settings), PATH, HOME, npm_config_cache: join(folder, 'cache') };
}

function inFolder<T>(act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-fresh-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const done = act(folder);
  if (done instanceof Promise) return done.finally(remove) as T;
  remove();
  return done;
}

/** Why it cannot be tried here. */
function obstacle(): string | undefined {
  if (spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).status !== 0) return 'this is no git checkout';
  const words = ['view', 'libsql', 'version', '--fetch-retries=0', '--fetch-timeout=20000'];
  const { status } = inFolder((folder) => spawnSync('npm', words, { cwd: folder, env: npmEnvironment(folder) }));
  return status === 0 ? undefined : 'npm reaches no registry';
}

const why = obstacle();
const name = '`npm start` of a fresh clone with an empty npm cache reaches the ready line, runs an action, and stops';

(why === undefined ? it : it.skip)(
  why === undefined ? name : `${name} (${why})`,
  () => inFolder(startsFrom),
  readyWithinMs + 2 * stoppedWithinMs + 60_000,
);

async function startsFrom(folder: string): Promise<void> {
  const clone = join(folder, 'hearth');
  execFileSync('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', root, clone]);
  // A group of its own, as a terminal has it, to which Ctrl-C goes.
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...npmEnvironment(folder), HEARTH_PORTS: 'free' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let code: number | string | undefined;
  child.once('exit', (...how) => (code = how[0] ?? how[1] ?? 'unknown'));
  const isReady = (): string | undefined => {
    if (code !== undefined) throw new Error(`npm start ended (${code}):\n${text}`);
    return /^ *API host +(\S+)\n/m.exec(text)?.[1];
  };
  try {
    const apiHost = await until('the ready line', isReady, readyWithinMs);
    expect(text).toMatch(/^hearth: installing dependencies with npm ci \(nothing is installed yet\)$/m);
    expect(text).toMatch(/^hearth: built dist\/$/m);
    expect(text).toMatch(/^Hearth \d+\.\d+\.\d+ is ready after \d+\.\d s\.$/m);
    const guest = new Guest({ apiHost, apiKey: guestKey });
    await guest.putAction('first', 'function main() { return { ok: true } }');
    expect((await guest.invoke('first', {}, 'blocking=true&result=true')).json).toEqual({ ok: true });
  } finally {
    if (code === undefined) process.kill(-child.pid!, 'SIGINT');
    await until('npm start has ended', () => code !== undefined, stoppedWithinMs);
    await until('nothing runs', () => processesUsing(folder).length === 0, stoppedWithinMs);
  }
  expect(text).toContain('hearth: stopped\n');
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone }).toString()).toBe('');
}
