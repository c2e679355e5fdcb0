// A private PostgreSQL for a test: the server of the PATH or of Debian's package, on a free port of loopback, with a directory of its own.
//
// Guarantees: `start` resolves when it answers; `end` leaves no process and no directory, whatever was done to it before. It can be killed,
// paused and started again on the same port, with its data. It refuses to run as root, so there it runs as nobody.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port';
import { until } from './until';

/** Debian's id of nobody. */
const nobody = 65_534;
const debianFolder = '/usr/lib/postgresql';
/** Of the role; odd on purpose, so that a log that shows it can be told. */
export const password = 'p4ssw0rd-of-the-test';

export interface PostgresServerOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** Where its data lies; default: a directory of the system's for temporary files. */
  readonly parent?: string;
}

export class PostgresServer {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private databaseCount = 0;

  private constructor(
    readonly port: number,
    readonly directory: string,
    private readonly options: PostgresServerOptions,
  ) {}

  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const directory = mkdtempSync(join(options.parent ?? tmpdir(), 'hearth-postgres-'));
    const server = new PostgresServer(await freePort(), directory, options);
    try {
      server.initialize();
      await server.restart();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** Of the database that is always there. */
  get url(): string {
    return this.urlOf('postgres');
  }

  urlOf(database: string): string {
    return `postgres://hearth:${password}@127.0.0.1:${this.port}/${database}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('postgres server: does not run');
    return this.child.pid;
  }

  /** A new empty database; answers its URL. */
  async makeDatabase(): Promise<string> {
    const name = `test${(this.databaseCount += 1)}`;
    await this.ask(`create database ${name}`);
    return this.urlOf(name);
  }

  /** After `kill`: on the same port, with the data. */
  async restart(): Promise<void> {
    const child = spawn(program('postgres'), ['-D', this.data, '-p', `${this.port}`, '-k', this.directory], {
      ...this.user,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH },
    });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-10_000)));
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        log = error.message;
        resolve();
      });
      child.once('exit', () => resolve());
    });
    await until('PostgreSQL answers', async () => {
      if (child.exitCode !== null || child.pid === undefined)
        throw new Error(`postgres server: ended at once:\n${log}`);
      return this.answers();
    });
  }

  /** Whether it runs and takes connections. */
  async answers(): Promise<boolean> {
    return (await this.ask('select 1').catch(() => [])).length === 1;
  }

  /** At once, as by kill -9; what it had begun itself ends with it. */
  async kill(): Promise<void> {
    if (!this.child?.pid) return;
    const children = backendsOf(this.child.pid);
    this.child.kill('SIGKILL');
    await this.ended;
    this.child = undefined;
    // They notice that their parent is gone, most at once; the next start needs all of them gone.
    await until('the backends are gone', () => children.every((pid) => parentOf(pid) === undefined));
  }

  /** It stands still; what is sent to it waits. */
  pause(): void {
    for (const pid of [this.pid, ...backendsOf(this.pid)]) process.kill(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of [...backendsOf(this.pid), this.pid]) process.kill(pid, 'SIGCONT');
  }

  /** Ends it and removes its directory. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** One statement on a connection of its own. */
  async ask(text: string, url = this.url): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // What goes wrong is said by the statement.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  private get user(): { uid?: number; gid?: number } {
    return process.geteuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  }

  private initialize(): void {
    if (this.user.uid !== undefined) chownSync(this.directory, nobody, nobody);
    const pwfile = join(this.directory, 'password');
    const words = [
      ...['-D', this.data, '-U', 'hearth', '-A', 'scram-sha-256', '--pwfile', pwfile],
      ...['-E', 'UTF8', '--no-locale', '--no-sync'],
    ];
    writeFileSync(pwfile, password);
    const { status, stderr, error } = spawnSync(program('initdb'), words, {
      ...this.user,
      env: { PATH: process.env.PATH },
    });
    if (status !== 0) throw new Error(`postgres server: initdb failed: ${error?.message ?? stderr.toString()}`);
    const settings = [
      "listen_addresses = '127.0.0.1'",
      'max_connections = 60',
      'shared_buffers = 32MB',
      // Of the machine's death no test is afraid.
      'fsync = off',
      'full_page_writes = off',
      ...(this.options.settings ?? []),
    ];
    appendFileSync(join(this.data, 'postgresql.conf'), `${settings.join('\n')}\n`);
  }
}

/** Path of a program of PostgreSQL: the PATH's, else that of the newest version that Debian has installed. */
export function program(name: string): string {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((v) => join(debianFolder, v, 'bin'))];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`postgres server: there is no ${name}; install postgresql.`);
  return found;
}

/** undefined: it has ended. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function backendsOf(postmaster: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => parentOf(pid) === postmaster);
}
