// Starts one of our action runtimes as the process driver does: a child with its own directory, log files, and a pipe as standard input.
//
// The contract suite knows only the interface `ActionContainer`; test/support/driver-containers.ts gives it those of the agent's drivers.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body as JSON, undefined when it is none. */
  json: unknown;
}

export interface ActionContainer {
  port: number;
  /** What user code may call its own directory. */
  directory: string;
  post(path: string, body: unknown): Promise<Answer>;
  init(value: Record<string, unknown>): Promise<Answer>;
  run(value: unknown, more?: Record<string, unknown>): Promise<Answer>;
  socket(): Promise<Socket>;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code or signal once the process is gone. */
  exited: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
  closeStdin(): void;
  stop(): Promise<void>;
}

export type StartContainer = (env?: Record<string, string>) => Promise<ActionContainer>;

export function processStarter(command: string, args: string[]): StartContainer {
  return async (env = {}) => {
    const directory = mkdtempSync(join(tmpdir(), 'action-container-'));
    const [out, err] = [join(directory, 'stdout.log'), join(directory, 'stderr.log')];
    const descriptors = [openSync(out, 'a'), openSync(err, 'a')];
    const port = await freePort();
    const child = spawn(command, args, {
      cwd: directory,
      stdio: ['pipe', ...descriptors],
      env: {
        PATH: process.env['PATH'],
        TMPDIR: directory,
        __OW_PORT: String(port),
        __OW_HOST: '127.0.0.1',
        __HEARTH_EXIT_WITH_STDIN: '1',
        ...env,
      },
    });
    descriptors.forEach(closeSync);
    const exited = new Promise<number | string>((resolve) =>
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')),
    );
    const container = containerOf(child, { port, directory, out, err, exited });
    await listening(port, exited, container);
    return container;
  };
}

export function containerOf(
  child: Pick<ChildProcess, 'kill' | 'stdin'>,
  {
    port,
    directory,
    out,
    err,
    exited,
  }: { port: number; directory: string; out: string; err: string; exited: Promise<number | string> },
): ActionContainer {
  const post = (path: string, body: unknown): Promise<Answer> => postJson('127.0.0.1', port, path, body);
  return {
    port,
    directory,
    post,
    init: (value) => post('/init', { value: { name: 'action', main: 'main', binary: false, ...value } }),
    run: (value, more = {}) => post('/run', { value, ...more }),
    socket: () => connected(port),
    stdout: () => readFileSync(out, 'utf8'),
    stderr: () => readFileSync(err, 'utf8'),
    exited,
    signal: (name) => void child.kill(name),
    closeStdin: () => void child.stdin?.end(),
    async stop() {
      child.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function postJson(host: string, port: number, path: string, body: unknown): Promise<Answer> {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host,
        port,
        path,
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': bytes.length },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

export async function listening(port: number, exited: Promise<unknown>, container: ActionContainer): Promise<void> {
  let isGone = false;
  void exited.then(() => (isGone = true));
  for (;;) {
    if (isGone) throw new Error(`the action runtime ended before it listened: ${container.stderr()}`);
    try {
      (await connected(port)).destroy();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10)); // not yet
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
