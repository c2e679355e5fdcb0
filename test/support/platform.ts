// Starts the real thing for a test: `hearth start` as a child process on free ports and a data directory of its own.
//
// Guarantees: it resolves when the platform is ready, and fails with everything that was printed if it will not be; `stop` ends all of it and
// removes the data directory that was made for it. A test that fails half-way leaves nothing, as long as it calls `stop` in afterAll.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningRecord } from '#supervisor';
import { PostgresServer } from './postgres-server';
import { processesUsing } from './processes';
import { until } from './until';

export const guestKey =
  '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

export const root = join(__dirname, '../..');

export type AppName = 'controller' | 'scheduler' | 'agent';

export interface PlatformOptions {
  /** Settings and limits, by the names of their variables. */
  readonly env?: Record<string, string>;
  readonly kinds?: string;
  /** An existing data directory; it is kept. */
  readonly dataDir?: string;
  /** Where it stores: SQLite, or a PostgreSQL, which is ended with the platform unless it was given. Default: what HEARTH_TEST_STORE says. */
  readonly store?: 'sqlite' | 'postgres' | PostgresServer;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Platform {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<Ending>,
    private readonly printed: () => string,
    private readonly options: PlatformOptions,
    /** Whether `stop` removes the data directory. */
    private readonly ownsData: boolean,
    readonly dataDir: string,
    /** http://host:port */
    readonly apiHost: string,
    /** undefined: it stores in SQLite. */
    readonly postgres: PostgresServer | undefined,
  ) {}

  readonly apiKey: string = guestKey;

  static async start(options: PlatformOptions, ownsData: boolean): Promise<Platform> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'hearth-platform-'));
    const store = options.store ?? process.env.HEARTH_TEST_STORE;
    const postgres =
      store === 'postgres' ? await PostgresServer.start() : typeof store === 'object' ? store : undefined;
    const { child, ended, printed } = runHearth({
      HEARTH_DATA_DIR: dataDir,
      HEARTH_PORTS: 'free',
      ...(options.kinds !== undefined && { KINDS: options.kinds }),
      ...(postgres && { DATABASE_URL: postgres.url }),
      ...options.env,
    });
    let ending: Ending | undefined;
    void ended.then((how) => (ending = how));
    try {
      await until(
        'Hearth is ready',
        () => {
          if (ending !== undefined) throw new Error(`Hearth ended (${ending.signal ?? ending.code}).`);
          return printed().includes('Ctrl-C stops everything.');
        },
        60_000,
      );
    } catch (error) {
      child.kill('SIGTERM');
      await ended;
      if (store === 'postgres') await postgres?.end();
      if (ownsData) rmSync(dataDir, { recursive: true, force: true });
      throw new Error(`${(error as Error).message}\nIt printed:\n${printed()}`);
    }
    const { listeners } = readRecord(dataDir);
    return new Platform(child, ended, printed, options, ownsData, dataDir, `http://${listeners.API_LISTEN}`, postgres);
  }

  /** What Hearth wrote to stdout and stderr. */
  get output(): string {
    return this.printed();
  }

  get record(): RunningRecord {
    return readRecord(this.dataDir);
  }

  get supervisorPid(): number {
    return this.child.pid!;
  }

  get agentUrl(): string {
    return `http://${this.record.listeners.AGENT_LISTEN}`;
  }

  /** With these variables `hearth user` and the like work on this platform's store. */
  get commandEnv(): Record<string, string> {
    return { HEARTH_DATA_DIR: this.dataDir, ...(this.postgres && { DATABASE_URL: this.postgres.url }) };
  }

  /** CLUSTER_SECRET, AGENT_TOKEN and ADMIN_TOKEN. */
  get secrets(): Record<string, string> {
    return JSON.parse(readFileSync(join(this.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
  }

  /** Of the process that runs now; undefined between two lives. */
  pid(app: AppName): number | undefined {
    return this.record.apps[app]?.pid;
  }

  /** Sends a signal to an app; answers the pid that got it. */
  kill(app: AppName, signal: NodeJS.Signals = 'SIGKILL'): number {
    const pid = this.pid(app);
    if (pid === undefined) throw new Error(`platform: ${app} does not run`);
    process.kill(pid, signal);
    return pid;
  }

  /** Kills an app and waits until another process has taken its place and all are ready. */
  async killAndAwaitRestart(app: AppName): Promise<void> {
    const killed = this.kill(app);
    await until(`${app} runs again`, () => {
      const { apps, isReady } = this.record;
      return isReady && apps[app] !== undefined && apps[app].pid !== killed;
    });
  }

  /** Text of the agent's or the controller's /metrics. */
  async metrics(app: 'agent' | 'controller'): Promise<string> {
    const url = app === 'agent' ? this.agentUrl : this.apiHost;
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${this.secrets.AGENT_TOKEN}` } });
    return answer.text();
  }

  /** All processes of this platform that live now, containers included. */
  processes(): ReturnType<typeof processesUsing> {
    return processesUsing(this.dataDir);
  }

  /** Ends the supervisor by this signal and waits for it; says how it ended. Keeps the data. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<Ending> {
    this.child.kill(signal);
    return this.ended;
  }

  /** Stops Hearth and starts it again on the same data. */
  async restart(): Promise<Platform> {
    await this.end();
    const { options, postgres } = this;
    const again = await Platform.start(
      { ...options, dataDir: this.dataDir, ...(postgres && { store: postgres }) },
      this.ownsData,
    );
    // Who ends the PostgreSQL stays as it was.
    return Object.assign(again, { options });
  }

  /** Ends everything and removes the data directory, unless it was given. */
  async stop(): Promise<void> {
    await this.end();
    await until('all processes of the platform ended', () => this.processes().length === 0, 30_000);
    if (this.ownsData) rmSync(this.dataDir, { recursive: true, force: true });
    if (typeof this.options.store !== 'object') await this.postgres?.end();
  }
}

export function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  return Platform.start(options, options.dataDir === undefined);
}

function readRecord(dataDir: string): RunningRecord {
  return JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as RunningRecord;
}

export interface HearthRun {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  readonly printed: () => string;
}

/** Runs `hearth start` (or another command) with these variables and little else; `nodeOptions` come before the script. */
export function runHearth(
  env: Record<string, string>,
  nodeOptions: string[] = [],
  checkout = root,
  command = 'start',
): HearthRun {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...nodeOptions, join(checkout, 'bin/hearth.mjs'), command], {
    cwd: checkout,
    env: { PATH, HOME, TMPDIR: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<Ending>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  // Whether sources changed since the last build is no matter of these tests.
  const printed = (): string => text.replace('hearth: built dist/\n', '');
  tellOnFailure(printed, ended);
  return { child, ended, printed };
}

/** Has tools/test/telling-environment.cjs show it if a test fails while this runs. */
function tellOnFailure(printed: () => string, ended: Promise<unknown>): void {
  const { hearthPrinted } = globalThis as { hearthPrinted?: Set<() => string> };
  hearthPrinted?.add(printed);
  void ended.then(() => hearthPrinted?.delete(printed));
}
