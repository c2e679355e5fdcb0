// What the containers of a private engine take on a machine, counted by other means than the driver's own: for tests that nothing is left.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from '../../../test/support/dockerd';

const entries = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
const links = (...words: string[]): { ifname: string; master?: string }[] =>
  JSON.parse(execFileSync('ip', ['-json', 'link', 'show', ...words], { encoding: 'utf8' })) as { ifname: string }[];

export class DockerMachine {
  /** Of every container that there was: their cgroups and ports are among those of other engines. */
  private readonly ids = new Set<string>();
  private readonly bridges = new Set<string>();

  constructor(
    private readonly engine: Dockerd,
    private readonly published: ReadonlySet<number>,
  ) {}

  /** Notes whose is whose; called after each creation. */
  look(): void {
    for (const id of entries(join(this.engine.directory, 'data/containers'))) this.ids.add(id);
  }

  async count(): Promise<Record<string, number>> {
    const { directory } = this.engine;
    this.look();
    const networks = await this.engine.networks();
    for (const name of networks) this.bridges.add(name.replace(/^hearth-(.{8}).*/, 'hth-$1'));
    const mounts = lines('/proc/self/mountinfo').map((line) => line.split(' ')[4]!);
    const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && this.isOf(pid));
    return {
      containers: (await this.engine.containers()).length,
      networks: networks.length,
      bridges: links('type', 'bridge').filter(({ ifname }) => this.bridges.has(ifname)).length,
      devices: links('type', 'veth').filter(({ master }) => master !== undefined && this.bridges.has(master)).length,
      namespaces: mounts.filter((at) => at.startsWith(join(directory, 'exec/netns/'))).length,
      mounts: mounts.filter((at) => at.startsWith(`${directory}/`) && !at.includes('/exec/netns/')).length,
      ports: this.ports(),
      cgroups: this.cgroups(),
      processes: processes.length,
    };
  }

  /** Of the engine itself. */
  openFiles(): number {
    return readdirSync(`/proc/${this.engine.pid}/fd`).length;
  }

  /** Listeners of proxies. */
  private ports(): number {
    const listening = '0A';
    return lines('/proc/net/tcp').filter((line) => {
      const [, local = '', , state] = line.trim().split(/ +/);
      return state === listening && this.published.has(Number.parseInt(local.split(':')[1] ?? '', 16));
    }).length;
  }

  private cgroups(): number {
    const hierarchies = lines('/proc/self/mountinfo').filter((line) => / - cgroup2? /.test(line));
    return hierarchies
      .map((line) => join(line.split(' ')[4]!, 'docker'))
      .flatMap(entries)
      .filter((name) => this.ids.has(name)).length;
  }

  /** A shim or a proxy of one of its containers, or a process in one. */
  private isOf(pid: string): boolean {
    const text = readOrNothing(`/proc/${pid}/cmdline`) + readOrNothing(`/proc/${pid}/cgroup`);
    return text.includes('containerd-shim') ? text.includes(this.engine.directory) : this.mentions(text);
  }

  private mentions(text: string): boolean {
    return (text.match(/[0-9a-f]{64}/g) ?? []).some((id) => this.ids.has(id));
  }
}

const lines = (path: string): string[] => readOrNothing(path).split('\n').filter(Boolean);

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
