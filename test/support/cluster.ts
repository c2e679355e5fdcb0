// Starts a cluster for a test: `hearth cluster` as a child process, on free ports, with a data directory and a real Redis of its own.
//
// Guarantees: it resolves when everything is ready, and fails with everything that was printed if it will not be; `stop` ends all of it
// and removes what was made for it. Apps that are killed are started again by the supervisor after its back-off.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { admin, type AgentContainer, bearerMetadata, type Inventory } from '#protocol';
import type { RunningRecord } from '#supervisor';
import { Guest } from './guest';
import { type Ending, guestKey, type HearthRun, runHearth } from './platform';
import { processesUsing } from './processes';
import { RedisServer } from './redis-server';
import { until } from './until';

export interface ClusterOptions {
  readonly schedulers?: number;
  readonly controllers?: number;
  readonly agents?: number;
  /** Settings and limits, by the names of their variables. */
  readonly env?: Record<string, string>;
  /** Default: one that keeps nothing over a restart. It is ended with the cluster. */
  readonly redis?: RedisServer;
}

/** `scheduler0`, `controller1`, `agent0`. */
export type Instance = `${'scheduler' | 'controller' | 'agent'}${number}`;

export interface FoundLeader {
  readonly instance: Instance;
  readonly epoch: bigint;
}

export class Cluster {
  private readonly admins = new Map<string, admin.AdminClient>();

  private constructor(
    private readonly run: HearthRun,
    readonly dataDir: string,
    readonly redis: RedisServer,
    readonly size: { readonly schedulers: number; readonly controllers: number; readonly agents: number },
  ) {}

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { schedulers = 2, controllers = 2, agents = 2 } = options;
    const dataDir = mkdtempSync(join(tmpdir(), 'hearth-cluster-'));
    const redis = options.redis ?? (await RedisServer.start());
    const env = {
      HEARTH_DATA_DIR: dataDir,
      HEARTH_PORTS: 'free',
      CLUSTER_SCHEDULERS: String(schedulers),
      CLUSTER_CONTROLLERS: String(controllers),
      CLUSTER_AGENTS: String(agents),
      REDIS_URL: redis.url,
      KINDS: 'nodejs:20',
      ...options.env,
    };
    const run = runHearth(env, undefined, undefined, 'cluster');
    const cluster = new Cluster(run, dataDir, redis, { schedulers, controllers, agents });
    let ending: Ending | undefined;
    void run.ended.then((how) => (ending = how));
    try {
      await until(
        'the cluster is ready',
        () => {
          if (ending !== undefined) throw new Error(`Hearth ended (${ending.signal ?? ending.code}).`);
          return run.printed().includes('Ctrl-C stops everything.');
        },
        60_000,
      );
    } catch (error) {
      await cluster.stop();
      throw new Error(`${(error as Error).message}\nIt printed:\n${run.printed()}`);
    }
    return cluster;
  }

  /** What Hearth wrote to stdout and stderr. */
  get output(): string {
    return this.run.printed();
  }

  get record(): RunningRecord {
    return JSON.parse(readFileSync(join(this.dataDir, 'running.json'), 'utf8')) as RunningRecord;
  }

  get secrets(): Record<string, string> {
    return JSON.parse(readFileSync(join(this.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
  }

  get schedulers(): Instance[] {
    return Array.from({ length: this.size.schedulers }, (_, at) => `scheduler${at}` as const);
  }

  /** host:port of a listener, by instance and setting. */
  listener(instance: Instance, setting: string): string {
    const address = this.record.listeners[`${instance}.${setting}`];
    if (address === undefined) throw new Error(`cluster: ${instance} has no ${setting}`);
    return address;
  }

  apiHost(controller = 0): string {
    return `http://${this.listener(`controller${controller}`, 'API_LISTEN')}`;
  }

  /** The guest as a caller of that controller. */
  guest(controller = 0): Guest {
    return new Guest({ apiHost: this.apiHost(controller), apiKey: guestKey });
  }

  /** Of the process that runs now; undefined between two lives. */
  pid(instance: Instance): number | undefined {
    return this.record.apps[instance]?.pid;
  }

  /** Sends a signal to an instance; answers the pid that got it. */
  kill(instance: Instance, signal: NodeJS.Signals = 'SIGKILL'): number {
    const pid = this.pid(instance);
    if (pid === undefined) throw new Error(`cluster: ${instance} does not run`);
    process.kill(pid, signal);
    return pid;
  }

  /** Waits until another process has taken the place of this one and all are ready. */
  async restarted(instance: Instance, killed: number): Promise<void> {
    await until(`${instance} runs again`, () => {
      const { apps, isReady } = this.record;
      return isReady && apps[instance] !== undefined && apps[instance].pid !== killed;
    });
  }

  /** A client of this scheduler's admin calls, with the metadata that they need. */
  admin(scheduler: Instance): admin.AdminClient {
    const address = this.listener(scheduler, 'ADMIN_LISTEN');
    let client = this.admins.get(address);
    const insecure: ChannelCredentials = credentials.createInsecure();
    if (!client) this.admins.set(address, (client = new admin.AdminClient(address, insecure)));
    return client;
  }

  /** The scheduler that says of itself that it leads; undefined if none does. One that does not answer in 500 ms says nothing. */
  async leader(): Promise<FoundLeader | undefined> {
    const found = await Promise.all(this.schedulers.map((instance) => this.askLeader(instance)));
    return found.find((one) => one !== undefined);
  }

  /** All that say so at this moment. */
  async leaders(): Promise<FoundLeader[]> {
    const found = await Promise.all(this.schedulers.map((instance) => this.askLeader(instance)));
    return found.filter((one) => one !== undefined);
  }

  private askLeader(instance: Instance): Promise<FoundLeader | undefined> {
    return new Promise((resolve) => {
      const call = this.admin(instance).getLeader({}, bearerMetadata(this.secrets.ADMIN_TOKEN!), (error, reply) => {
        clearTimeout(overdue);
        resolve(error ? undefined : { instance, epoch: reply.epoch });
      });
      const overdue = setTimeout(() => call.cancel(), 500);
    });
  }

  /** What the agent of this node says that it has. */
  async inventory(agent: Instance): Promise<Inventory> {
    const answer = await fetch(`http://${this.listener(agent, 'AGENT_LISTEN')}/containers`, {
      headers: { authorization: `Bearer ${this.secrets.AGENT_TOKEN}` },
    });
    return (await answer.json()) as Inventory;
  }

  /** The containers of all nodes. */
  async containers(): Promise<AgentContainer[]> {
    const agents = Array.from({ length: this.size.agents }, (_, at) => `agent${at}` as const);
    return (await Promise.all(agents.map((agent) => this.inventory(agent)))).flatMap(({ containers }) => containers);
  }

  /** All processes of this cluster that live now, containers included; without a Redis that was given. */
  processes(): ReturnType<typeof processesUsing> {
    return processesUsing(this.dataDir);
  }

  /** Ends the supervisor by this signal and waits for it. Keeps data and Redis. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<Ending> {
    this.run.child.kill(signal);
    return this.run.ended;
  }

  async stop(): Promise<void> {
    for (const client of this.admins.values()) client.close();
    await this.end();
    await until('all processes of the cluster ended', () => this.processes().length === 0, 30_000);
    await this.redis.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  return Cluster.start(options);
}
