// Test support: a real agent process with its own data directory and ports, a scheduler of which only the heartbeat is there, and the few
// HTTP calls that its tests make. Runs the compiled agent, so build first.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#clock';
import { epochHeader, heartbeat, type Note, protocolVersion } from '#protocol';
import { processesAtHomeBelow } from '../src/process/proc-table';

const root = resolve(__dirname, '../../..');
const patienceMs = 15_000;
export const token = 'the-agent-token-of-this-test';

export interface Reply {
  readonly status: number;
  // What a server answers is looked at as it comes.
  readonly body: Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export async function until<T>(look: () => T | Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  const deadline = systemClock.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
    if (systemClock.now() > deadline) throw new Error(`waited in vain; the last was ${JSON.stringify(seen)}`);
    await sleep(5);
  }
}

/** The leader, as far as an agent sees it. */
export class Leader {
  readonly beats: heartbeat.HeartbeatRequest[] = [];
  epoch = 1n;
  address = '';
  private readonly server = new Server();

  async listen(): Promise<this> {
    const implementation: heartbeat.NodesServer = {
      heartbeat: ({ request }, answer) => {
        this.beats.push(request);
        answer(null, { epoch: this.epoch, protocolVersion });
      },
    };
    this.server.addService(heartbeat.NodesService, implementation);
    const port = await new Promise<number>((done, failed) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? failed(error) : done(bound),
      );
    });
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  close(): void {
    this.server.forceShutdown();
  }
}

/**
 * The first of so many ports in a row that nothing uses now, from a hundred that are this process's own: below the system's own choice, and below the
 * ranges of whole platforms that other suites start beside it (`containerPortRange`).
 */
async function freePorts(count: number): Promise<number> {
  const own = 10_000 + (process.pid % 70) * 100;
  for (let first = own; first + count <= own + 100; first += count) {
    const ports = Array.from({ length: count }, (_, at) => first + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row from ${own} to ${own + 99}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

export class AgentProcess {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-agent-')));
  readonly containersDirectory = join(this.directory, 'agent/node0/containers');
  readonly leader = new Leader();
  epoch = 1n;
  url = '';
  private child: ChildProcess | undefined;
  /** Its own, and behind it those of its containers. */
  private port: number | undefined;
  private output = '';

  /** Starts an agent, or starts it again on the same data. Resolves when it is ready. */
  async start(env: Record<string, string> = {}): Promise<this> {
    if (this.port === undefined) {
      await this.leader.listen();
      this.port = await freePorts(13);
    }
    const { port } = this;
    this.url = `http://127.0.0.1:${port}`;
    const child = this.spawn({
      AGENT_LISTEN: `127.0.0.1:${port}`,
      CONTAINER_PORTS: `${port + 1}-${port + 12}`,
      ...env,
    });
    this.child = child;
    await new Promise<void>((done, failed) => {
      child.once('message', (message: { type: string; sentence?: string }) =>
        message.type === 'ready' ? done() : failed(new Error(message.sentence)),
      );
      child.once('exit', (code, signal) => failed(new Error(`the agent ended (${code ?? signal}): ${this.output}`)));
    });
    return this;
  }

  /** An agent of the same node, whatever becomes of it. */
  spawn(env: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [join(root, 'dist/apps/invoker-agent/src/main.js')], {
      env: {
        PATH: process.env.PATH,
        HEARTH_DATA_DIR: this.directory,
        CLUSTER_SECRET: 'the-cluster-secret-of-this-test',
        AGENT_TOKEN: token,
        SCHEDULERS: this.leader.address,
        NODE_MEMORY_MB: '2048',
        API_HOST: 'http://127.0.0.1:3233',
        // This leader takes nothing away, so that waiting for it would be in vain.
        LIMIT_AGENT_LEAVE_MS: '500',
        LIMIT_HEARTBEAT_MS: '1000',
        LIMIT_LOG_POLL_MS: '10',
        LIMIT_LOG_BATCH_MS: '10',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (text: Buffer) => {
      this.output += text.toString();
    });
    return child;
  }

  /** What it logged so far. */
  get log(): string {
    return this.output;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const exit = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return exit;
  }

  /** As if its supervisor had vanished. */
  disconnect(): void {
    this.child?.disconnect();
  }

  async remove(): Promise<void> {
    await this.end('SIGTERM');
    this.leader.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        [epochHeader]: String(this.epoch),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Reply['body']) };
  }

  /** Creates a container and answers where it listens. */
  async create(id: string, note?: Note, overrides: object = {}): Promise<string> {
    const spec = { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, ...(note ? { note } : {}), ...overrides };
    const { status: code, body } = await this.call('POST', '/containers', spec);
    if (code !== 201) throw new Error(`not created: ${code} ${JSON.stringify(body)}`);
    return (body.addresses as { container: string }).container;
  }

  /** Pids of processes that belong to containers of this agent, by container. */
  processes(): { pid: number; entry: string }[] {
    return processesAtHomeBelow(this.containersDirectory);
  }

  /** As /proc says: R, S, T ... */
  processState(container: string): string | undefined {
    const pid = this.processes().find(({ entry }) => entry === container)?.pid;
    if (pid === undefined) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  }
}

export function note(grantId: string, overrides: Partial<Note> = {}): Note {
  return {
    owner: 'controller0',
    incarnation: '1',
    actionKey: 'guest|guest/hello|1',
    namespace: 'guest',
    grantId,
    epoch: '1',
    logLimitMb: 10,
    ...overrides,
  };
}

async function post(address: string, path: string, body: unknown): Promise<Reply> {
  const response = await fetch(`http://${address}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

export const init = (address: string, code: string, activationId?: string): Promise<Reply> =>
  post(address, '/init', {
    value: { name: 'a', main: 'main', code, binary: false, env: { __OW_ACTIVATION_ID: activationId } },
  });

export const run = (address: string, activationId: string, value: object = {}): Promise<Reply> =>
  post(address, '/run', { value, activation_id: activationId });

export const activation = (n: number): string => String(n).padStart(32, '0');
