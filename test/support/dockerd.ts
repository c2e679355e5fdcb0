// A private Docker Engine for a test: the `dockerd` of the PATH with directories and a socket of its own. It needs root.
//
// Guarantees: `start` resolves when it answers; `end` leaves no process, no mount, no network and no directory of it, whatever was done to it before.
// It can be killed and started again on the same directories. Networks are the driver's to remove, and tests ask for it; `end` takes those of a test
// that failed, since a bridge left behind would lead the next one's packets astray. iptables chains of engines have fixed names and are shared by
// all engines of a machine, so they stay.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from 'undici';
import { root } from './platform';
import { until } from './until';

const run = promisify(execFile);
/** Images of our runtimes are made once; each engine loads its own copy. */
const imagesDirectory = join(root, 'node_modules/.cache/hearth-images');

export class Dockerd {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  readonly directory = mkdtempSync(join(tmpdir(), 'hearth-dockerd-'));
  readonly socket = join(this.directory, 'sock');

  /** With `diskMb` all that it keeps is on a disk of that size, in `data`. */
  static async start({ kinds = ['nodejs:20'], diskMb = 0 } = {}): Promise<Dockerd> {
    const engine = new Dockerd();
    try {
      if (diskMb > 0) await engine.mountDisk(diskMb);
      await engine.restart();
      for (const kind of kinds) await engine.loadImage(kind);
    } catch (error) {
      await engine.end();
      throw error;
    }
    return engine;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('dockerd: does not run');
    return this.child.pid;
  }

  /** For programs that talk to it. */
  get env(): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.directory, DOCKER_HOST: `unix://${this.socket}` };
  }

  /** After `kill`, on the same directories. */
  async restart(): Promise<void> {
    const at = (name: string): string => join(this.directory, name);
    // What a killed one left: it would take the pids in them for engines that live. Its containerd dies with it.
    for (const name of ['pid', 'exec/containerd/containerd.pid']) rmSync(at(name), { force: true });
    const log = openSync(at('log'), 'a');
    const child = spawn(
      'dockerd',
      [
        ...[
          '--data-root',
          at('data'),
          '--exec-root',
          at('exec'),
          '--pidfile',
          at('pid'),
          '--host',
          `unix://${this.socket}`,
        ],
        ...['--bridge', 'none', '--storage-driver', 'overlay2'],
      ],
      { stdio: ['ignore', log, log], detached: true, env: { PATH: process.env.PATH } },
    );
    this.child = child;
    let failure: Error | undefined;
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(void (failure = error)));
      child.once('exit', () => resolve());
    });
    await until(
      'dockerd answers',
      async () => {
        if (failure) throw new Error(`dockerd: cannot be started (${failure.message}); install docker.io.`);
        if (child.exitCode !== null) throw new Error(`dockerd: ended at once:\n${this.log.slice(-2_000)}`);
        return existsSync(this.socket) && (await this.ask('GET', '/_ping').catch(() => ({ status: 0 }))).status === 200;
      },
      60_000,
    );
  }

  /** At once, as by kill -9, and its containerd with it. Its containers stay until it is started again. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.exited;
    this.child = undefined;
  }

  /** Ends it in order, which ends its containers, and removes its directory. */
  async end(): Promise<void> {
    // One that somebody killed is as one that `kill` killed: started again, it ends the shims and containers that outlived it.
    if ((this.child?.exitCode ?? this.child?.signalCode ?? undefined) !== undefined) this.child = undefined;
    if (!this.child && existsSync(join(this.directory, 'data'))) await this.restart().catch(() => undefined);
    if (this.child?.pid !== undefined && this.child.exitCode === null) {
      await this.removeContainers().catch(() => undefined);
      await this.removeNetworks().catch(() => undefined);
      this.child.kill('SIGTERM');
      await this.exited;
    }
    await this.endShims();
    await until('nothing of dockerd is mounted', async () => {
      for (const at of this.mounts()) await run('umount', ['--lazy', at]).catch(() => undefined);
      return this.mounts().length === 0;
    });
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  async ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<{ status: number; json: unknown }> {
    const client = new Client('http://docker', { socketPath: this.socket });
    try {
      const answer = await client.request({
        path,
        method,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      });
      const text = await answer.body.text();
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      return { status: answer.statusCode, json: isJson && text !== '' ? JSON.parse(text) : text };
    } finally {
      await client.close();
    }
  }

  private async mountDisk(diskMb: number): Promise<void> {
    const data = join(this.directory, 'data');
    mkdirSync(data);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', data]);
  }

  /** Names of all its containers, running or not. */
  async containers(): Promise<string[]> {
    const { json } = await this.ask('GET', '/containers/json?all=true');
    return (json as { Names: string[] }[]).map(({ Names }) => Names[0]!.slice(1));
  }

  async networks(): Promise<string[]> {
    const { json } = await this.ask('GET', '/networks');
    const builtIn = new Set(['bridge', 'host', 'none']);
    return (json as { Name: string }[]).map(({ Name }) => Name).filter((name) => !builtIn.has(name));
  }

  /** The image of a kind under another name, with other words to run or without the label that makes it ours. */
  async deriveImage(from: string, name: string, changes: string[]): Promise<void> {
    const made = await this.ask('POST', '/containers/create', { Image: from });
    const { Id } = made.json as { Id: string };
    const query = new URLSearchParams({ container: Id, repo: name, tag: 'latest' });
    for (const change of changes) query.append('changes', change);
    const answer = await this.ask('POST', `/commit?${query.toString()}`);
    if (answer.status !== 201) throw new Error(`dockerd: ${name} was not made (${JSON.stringify(answer.json)})`);
    await this.ask('DELETE', `/containers/${Id}`);
  }

  private async loadImage(kind: string): Promise<void> {
    const words = [join(root, 'tools/images.mjs'), '--from', 'host', '--kind', kind];
    await run(process.execPath, words, { cwd: root, env: { ...this.env, HEARTH_DATA_DIR: imagesDirectory } });
  }

  private async removeContainers(): Promise<void> {
    for (const name of await this.containers()) await this.ask('DELETE', `/containers/${name}?force=true&v=true`);
  }

  private async removeNetworks(): Promise<void> {
    for (const name of await this.networks()) await this.ask('DELETE', `/networks/${name}`);
  }

  /** An engine that was killed between making a container and starting it forgets its shim, and the `runc init` that waits there to be started. */
  private async endShims(): Promise<void> {
    const isOurs = (pid: string): boolean => {
      const words = commandOf(pid);
      return (
        words[0]?.endsWith('/containerd-shim-runc-v2') === true && words.some((word) => word.startsWith(this.directory))
      );
    };
    const parentOf = (pid: string): string | undefined => /^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1];
    for (const shim of processIds().filter(isOurs)) {
      for (const pid of processIds()) if (parentOf(pid) === shim) kill(pid);
      kill(shim);
    }
    await until('no shim of dockerd is left', () => Promise.resolve(!processIds().some(isOurs)));
  }

  private mounts(): string[] {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((at) => at.startsWith(`${this.directory}/`))
      .reverse();
  }

  private get log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }
}

const processIds = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Empty once it has ended. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended meanwhile.
  }
}

const statusOf = (pid: string): string => textOf(pid, 'status');
export const commandOf = (pid: string): string[] => textOf(pid, 'cmdline').split('\0').filter(Boolean);

function kill(pid: string): void {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
