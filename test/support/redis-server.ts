// A private Redis for a test: the `redis-server` of the PATH on a free port of loopback, with a directory of its own.
//
// Guarantees: `start` resolves when it answers; `end` leaves no process and no directory, whatever was done to it before. It can be killed,
// paused and started again on the same port, with its data (`persistent`) or without.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port';
import { until } from './until';

export interface RedisServerOptions {
  /** Every write is on disk before it is answered, and is there after a restart. */
  readonly persistent?: boolean;
}

export class RedisServer {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private readonly directory = mkdtempSync(join(tmpdir(), 'hearth-redis-'));

  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {}

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    try {
      await server.restart();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('redis server: does not run');
    return this.child.pid;
  }

  /** After `kill`: on the same port, and with the data if it is persistent. */
  async restart(): Promise<void> {
    const { port, directory } = this;
    const persistence = this.options.persistent ? ['yes', '--appendfsync', 'always'] : ['no'];
    const child = spawn(
      'redis-server',
      [
        ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--logfile', join(directory, 'log')],
        ...['--save', '', '--appendonly', ...persistence],
      ],
      { stdio: 'ignore', env: { PATH: process.env.PATH } },
    );
    this.child = child;
    let failure: Error | undefined;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(void (failure = error)));
      child.once('exit', () => resolve());
    });
    await until('Redis answers', async () => {
      if (failure) throw new Error(`redis server: cannot be started (${failure.message}); install redis-server.`);
      if (child.exitCode !== null) throw new Error(`redis server: ended at once:\n${this.log}`);
      return (await this.ask('PING').catch(() => undefined)) === 'PONG';
    });
  }

  /** At once, as by kill -9. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended;
    this.child = undefined;
  }

  /** After `kill`: what it had on disk is gone, too. */
  loseData(): void {
    rmSync(join(this.directory, 'appendonlydir'), { recursive: true, force: true });
  }

  /** It stands still; what is sent to it waits. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Ends it and removes its directory. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** One command on a connection of its own. */
  async ask(command: string, ...words: string[]): Promise<unknown> {
    const redis = new Redis(this.url, { connectTimeout: 1_000, commandTimeout: 1_000, retryStrategy: () => null });
    // What goes wrong is said by the command.
    redis.on('error', () => undefined);
    try {
      return await redis.call(command, ...words);
    } finally {
      redis.disconnect();
    }
  }

  private get log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }
}
