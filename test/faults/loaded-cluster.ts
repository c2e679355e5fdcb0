// A cluster under steady open-loop load while something is done to it: warm calls, long ones of which several run at any time, cold ones
// (each the first of an action of its own) and non-blocking ones, spread over the controllers by a client that goes on to the next one where a connection is refused, as a load
// balancer does, and that never sends a request twice.
//
// Guarantee: `under` answers only after every call has ended and every activation id that the client saw has exactly one record; none was run
// to its end twice.
import { type Cluster, type FoundLeader, startCluster } from '../support/cluster';
import { Guest } from '../support/guest';
import { type Call, failedOf, OpenLoop, type Sent } from '../support/open-loop';
import { guestKey } from '../support/platform';
import { RedisServer } from '../support/redis-server';
import { pause, until } from '../support/until';
import { Diary } from './diary';
import { expectOneRecordEach } from './records';

/** Times between two calls. Two cores run the load, seven processes, Redis and a container for each cold call. */
const everyMs = { warm: 25, long: 200, cold: 300, queued: 250 };
const longMs = 600;
const coldActionsCount = 120;
/** Of these, the last ones are for bursts. */
const burstCount = 8;

const limits = { timeout: 5_000, memory: 256 };

export interface Report {
  readonly warm: readonly Call[];
  readonly long: readonly Call[];
  readonly cold: readonly Call[];
  readonly queued: readonly Call[];
  /** When the fault happened, as it says itself. */
  readonly begunMs: number;
  /** Activation ids that the client saw; each has one record. */
  readonly recordCount: number;
}

export const failures = ({ warm, long, cold, queued }: Report): Call[] =>
  failedOf([...warm, ...long, ...cold, ...queued]);

export class LoadedCluster {
  /** Where the load goes, one after the other. */
  hosts: readonly string[];
  private coldCount = 0;
  private cold: OpenLoop | undefined;

  private readonly diary: Diary;
  /** Code of all actions but the long one. */
  private readonly echo: string;

  private constructor(readonly cluster: Cluster) {
    this.diary = new Diary(cluster.dataDir);
    this.echo = `${this.diary.source} function main({ n }) { note(); return { n } }`;
    this.hosts = [0, 1].map((controller) => cluster.apiHost(controller));
  }

  static async start(env: Record<string, string> = {}): Promise<LoadedCluster> {
    const redis = await RedisServer.start({ persistent: true });
    const cluster = await startCluster({
      redis,
      env: {
        // 16 containers on each node: the cold ones reclaim each other's, and never the warm ones in use.
        NODE_MEMORY_MB: '4096',
        // Who was killed is started again when the failover is over, not in the midst of it.
        LIMIT_RESTART_BACKOFF_MS: '1600',
        LIMIT_RESTART_BACKOFF_MOST_MS: '1600',
        // What a killed controller had claimed of the queue is taken over, or swept, while the test waits.
        LIMIT_CLAIM_LEASE_MS: '3000',
        LIMIT_SWEEP_GRACE_MS: '2000',
        ...env,
      },
    });
    const loaded = new LoadedCluster(cluster);
    for (const name of ['warm', 'queued']) await cluster.guest().putAction(name, loaded.echo, { limits });
    const late = `new Promise((done) => setTimeout(() => { note(); done({ n }) }, ${longMs}))`;
    await cluster
      .guest()
      .putAction('long', `${loaded.diary.source} function main({ n }) { return ${late} }`, { limits });
    return loaded;
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }

  /** The scheduler that leads, once one does. */
  leader(): Promise<FoundLeader> {
    return until('one scheduler leads', () => this.cluster.leader());
  }

  /** Waits for a leader of a higher epoch. */
  nextLeader(before: FoundLeader): Promise<FoundLeader> {
    return until('another reign', async () => {
      const found = await this.cluster.leader();
      return found && found.epoch > before.epoch && found;
    });
  }

  /**
   * Does it to the cluster in the midst of the load; `aroundMs` is how long the load runs before and after it. A fault may answer when it
   * happened, if that was not at once.
   */
  async under(fault: () => Promise<number | void>, aroundMs = 1_000): Promise<Report> {
    const names = await this.putColdActions();
    await this.warmUp();
    const sinceMs = Date.now();
    const loops = {
      warm: new OpenLoop(everyMs.warm, (n) => this.blocking(n, 'warm')),
      long: new OpenLoop(everyMs.long, (n) => this.blocking(n, 'long')),
      cold: new OpenLoop(everyMs.cold, (n) => this.blocking(n, names[n] ?? 'beyond-the-cold-actions')),
      queued: new OpenLoop(everyMs.queued, (n) => this.send(n, 'queued', '', ({ status }) => status === 202)),
    };
    this.cold = loops.cold;
    await pause(aroundMs);
    let begunMs = performance.now();
    try {
      begunMs = (await fault()) ?? begunMs;
      await pause(aroundMs);
    } finally {
      await Promise.all(Object.values(loops).map((loop) => loop.stop()));
    }
    const { warm, long, cold, queued } = loops;
    const calls = { warm: warm.history, long: long.history, cold: cold.history, queued: queued.history };
    // One that was not touched: it reads what the others have stored.
    const guest = new Guest({ apiHost: this.cluster.apiHost(0), apiKey: guestKey });
    const recordCount = await expectOneRecordEach(guest, Object.values(calls).flat(), sinceMs, this.diary);
    return { ...calls, begunMs, recordCount };
  }

  /** First calls of eight actions at once, in the midst of the load: once for each fault. */
  burst(): void {
    this.cold?.burst(burstCount, coldActionsCount - burstCount);
  }

  private async putColdActions(): Promise<string[]> {
    const names = Array.from({ length: coldActionsCount }, () => `cold${(this.coldCount += 1)}`);
    await Promise.all(names.map((name) => this.cluster.guest().putAction(name, this.echo, { limits })));
    return names;
  }

  /** Every controller has a container of the warm action. */
  private async warmUp(): Promise<void> {
    const all = this.hosts.flatMap((_, n) => [this.blocking(n, 'warm'), this.blocking(n, 'long')]);
    for (const { failure } of await Promise.all(all)) expect(failure).toBeUndefined();
  }

  private blocking(n: number, action: string): Promise<Sent> {
    const isOk = ({ status, text }: { status: number; text: string }): boolean =>
      status === 200 && text === `{"n":${n}}`;
    return this.send(n, action, 'blocking=true&result=true', isOk);
  }

  private async send(
    n: number,
    action: string,
    query: string,
    isOk: (answer: { status: number; text: string }) => boolean,
  ): Promise<Sent> {
    for (let tried = 0; tried < this.hosts.length; tried += 1) {
      const through = (n + tried) % this.hosts.length;
      try {
        const guest = new Guest({ apiHost: this.hosts[through]!, apiKey: guestKey });
        const answer = await guest.invoke(action, { n }, query);
        if (isOk(answer)) return { answer, through };
        return { answer, through, failure: `${action} ${n}: ${answer.status} ${answer.text}` };
      } catch (error) {
        if (!String(error).includes('ECONNREFUSED')) return { through, failure: `${action} ${n}: ${String(error)}` };
      }
    }
    return { failure: `${action} ${n}: refused by every controller` };
  }
}
