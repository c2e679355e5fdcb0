// Containers of our images, started by the engine's own program and reached on the host's network: what the image does, without any driver of ours.
//
// Their output comes through the engine, so it may be there a moment after the answer: an answer that ends a run is handed on once the sentinels are.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sentinel } from '../../docker/action-runtimes/contract';
import {
  type ActionContainer,
  type Answer,
  containerOf,
  freePort,
  listening,
  type StartContainer,
} from '../../docker/action-runtimes/runtime-process';
import { root } from './platform';
import { until } from './until';

const settleMs = 1_000;
const cache = join(root, 'node_modules/.cache/hearth-images');

export interface Launch {
  /** The program that runs a container in the foreground, with its standard streams. */
  command(id: string, env: Record<string, string>, directory: string): readonly [string, ...string[]];
  kill(id: string, signal: NodeJS.Signals): Promise<unknown>;
  /** After its end. */
  remove(id: string): Promise<unknown>;
}

let count = 0;

export function imageStarter({ command, kill, remove }: Launch): StartContainer {
  return async (more = {}) => {
    const id = `hearth-image-test-${process.pid}-${(count += 1)}`;
    const directory = mkdtempSync(join(tmpdir(), 'hearth-image-test-'));
    const [out, err] = [join(directory, 'stdout.log'), join(directory, 'stderr.log')];
    const descriptors = [openSync(out, 'a'), openSync(err, 'a')];
    const port = await freePort();
    const env = { __OW_PORT: String(port), __OW_HOST: '127.0.0.1', __HEARTH_EXIT_WITH_STDIN: '1', ...more };
    const [program, ...words] = command(id, env, directory);
    const child = spawn(program, words, { stdio: ['pipe', ...descriptors], detached: true });
    descriptors.forEach(closeSync);
    const exited = exitOf(child);
    const plain = containerOf(
      { stdin: child.stdin, kill: (name) => (void kill(id, name as NodeJS.Signals), true) },
      { port, directory, out, err, exited },
    );
    const container = settling(plain, async () => {
      await kill(id, 'SIGKILL').catch(() => undefined);
      await exited;
      await remove(id).catch(() => undefined);
      rmSync(directory, { recursive: true, force: true });
    });
    try {
      await listening(port, exited, container);
    } catch (error) {
      await container.stop();
      throw error;
    }
    return container;
  };
}

const exitOf = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));

const sentinelsIn = (log: string): number => log.split('\n').filter((line) => line.startsWith(sentinel)).length;

function settling(container: ActionContainer, stop: () => Promise<void>): ActionContainer {
  const seen = (): number => Math.min(sentinelsIn(container.stdout()), sentinelsIn(container.stderr()));
  let expected = 0;
  const post = async (path: string, body: unknown): Promise<Answer> => {
    const answer = await container.post(path, body);
    if (path === '/init' && answer.status === 200) return answer;
    expected += 1;
    // Refusals have no sentinel.
    await until('sentinels', () => seen() >= expected, settleMs).catch(() => (expected = seen()));
    return answer;
  };
  return {
    ...container,
    post,
    init: (value) => post('/init', { value: { name: 'action', main: 'main', binary: false, ...value } }),
    run: (value, more = {}) => post('/run', { value, ...more }),
    stop,
  };
}

const run = promisify(execFile);

/** By Docker's command line, on this engine. */
export function dockerLaunch(env: Record<string, string>, image: string): Launch {
  const docker = (...words: string[]): Promise<unknown> => run('docker', words, { env });
  return {
    command: (id, settings) => [
      ...(['env', `DOCKER_HOST=${env.DOCKER_HOST ?? ''}`, 'docker', 'run', '--interactive', '--name', id] as const),
      ...['--network', 'host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'],
      ...['--security-opt', 'no-new-privileges'],
      ...Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      image,
    ],
    kill: (id, signal) => docker('kill', '--signal', signal, id),
    remove: (id) => docker('rm', '--force', id),
  };
}

interface Found {
  config: { Env: string[]; Cmd: string[]; WorkingDir: string; User: string };
  layers: string[];
}

/** Makes the image of a kind as an OCI layout, without any engine; answers what is needed of it. */
function makeImage(kind: string): Found {
  const layout = join(cache, 'images');
  execFileSync(process.execPath, [join(root, 'tools/images.mjs'), '--kind', kind, '--oci', layout], {
    env: { ...process.env, HEARTH_DATA_DIR: cache },
  });
  const blob = (digest: string): string => join(layout, 'blobs/sha256', digest.replace('sha256:', ''));
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const { manifests } = read(join(layout, 'index.json')) as { manifests: { digest: string }[] };
  for (const { digest } of manifests) {
    const manifest = read(blob(digest)) as { config: { digest: string }; layers: { digest: string }[] };
    const { config } = read(blob(manifest.config.digest)) as { config: Found['config'] & { Labels: object } };
    if ((config.Labels as Record<string, string>)['hearth.kind'] !== kind) continue;
    return { config, layers: manifest.layers.map((layer) => blob(layer.digest)) };
  }
  throw new Error(`${kind}: its image is not in ${layout}`);
}

export interface RuncImage extends Launch {
  end(): void;
}

/** By runc alone, in namespaces of its own but for the network. */
export function runcLaunch(kind: string): RuncImage {
  const home = mkdtempSync(join(tmpdir(), 'hearth-image-'));
  const files = join(home, 'root');
  mkdirSync(files);
  const { config, layers } = makeImage(kind);
  for (const layer of layers) execFileSync('tar', ['-xf', layer, '-C', files]);
  const state = ['--root', join(home, 'state')];
  return {
    command: (id, settings, directory) => {
      writeFileSync(join(directory, 'config.json'), JSON.stringify(specOf(id, files, config, settings)));
      return ['runc', ...state, 'run', '--bundle', directory, id];
    },
    kill: (id, signal) => run('runc', [...state, 'kill', id, signal]),
    remove: (id) => run('runc', [...state, 'delete', '--force', id]),
    end: () => rmSync(home, { recursive: true, force: true }),
  };
}

function specOf(id: string, files: string, config: Found['config'], env: Record<string, string>): object {
  const [uid, gid] = config.User.split(':').map(Number);
  return {
    ociVersion: '1.0.2',
    root: { path: files, readonly: true },
    hostname: 'action',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
    ],
    process: {
      terminal: false,
      user: { uid, gid },
      args: config.Cmd,
      env: [...config.Env, ...Object.entries(env).map((each) => each.join('='))],
      cwd: config.WorkingDir,
      noNewPrivileges: true,
    },
    linux: {
      cgroupsPath: `/${id}`,
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
    },
  };
}
