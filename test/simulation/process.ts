// A process of the simulated cluster: it runs, is stopped (SIGSTOP: its timers and what arrives wait), is killed, and starts again as a
// new life that hears nothing of what was meant for the old one.
import type { Mourning } from './mourners';
import type { Timeout } from './timeouts';
import type { World } from './world';

type Sort = 'timer' | 'message';

interface Waiting {
  readonly sort: Sort;
  readonly life: number;
  readonly act: () => void;
}

export abstract class Process {
  state: 'running' | 'paused' | 'dead' = 'dead';
  life = 0;
  /** What this life's own clock is ahead of the cluster's time: no two processes agree on what time it is. */
  private aheadMs = 0;
  private backlog: Waiting[] = [];

  constructor(
    readonly world: World,
    readonly name: string,
  ) {}

  /** Builds the state of a new life. */
  protected abstract begin(): void;
  /** The life is over; nothing of it acts any more. */
  protected ended(): void {}

  start(): void {
    if (this.state !== 'dead') return;
    this.life += 1;
    this.state = 'running';
    this.aheadMs = this.world.isSkewed ? Math.floor(this.world.chance.between(0, 86_400_000)) : 0;
    this.say(`starts (life ${this.life})`);
    this.begin();
  }

  /** By its own clock. */
  get now(): number {
    return this.world.queue.now + this.aheadMs;
  }

  kill(): void {
    if (this.state === 'dead') return;
    this.say('killed');
    this.state = 'dead';
    this.backlog = [];
    this.world.mourners.tell(this);
    this.ended();
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.say('stopped');
    this.state = 'paused';
    this.world.network.stopped(this);
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.say('continued');
    this.state = 'running';
    const { backlog, world } = this;
    this.backlog = [];
    const timersFirst = world.chance.of(0.5);
    const first = backlog.filter(({ sort }) => (sort === 'timer') === timersFirst);
    const second = backlog.filter(({ sort }) => (sort === 'timer') !== timersFirst);
    for (const { sort, life, act } of [...first, ...second]) world.queue.after(0, () => this.run(life, sort, act));
  }

  /** In that life of this process, as soon as it runs. */
  run(life: number, sort: Sort, act: () => void): void {
    if (life !== this.life || this.state === 'dead') return;
    this.world.promises.acted(this);
    if (this.state === 'paused') this.backlog.push({ sort, life, act });
    else act();
  }

  /** Whether what is said is written down. */
  get isHeard(): boolean {
    return this.world.transcript.isOn;
  }

  /** What is mostly called off; in this life. */
  timeout(ms: number, act: () => void): Timeout {
    const { life } = this;
    return this.world.timeouts.set(ms, () => this.run(life, 'timer', act));
  }

  after(ms: number, act: () => void): void {
    const { life } = this;
    this.world.queue.after(ms, () => this.run(life, 'timer', act));
  }

  /** Like setInterval: one that was missed comes once. */
  every(ms: number, act: () => void, isWanted: () => boolean = () => true): void {
    this.after(ms, () => {
      if (!isWanted()) return;
      act();
      this.every(ms, act, isWanted);
    });
  }

  /** Calls back when this life ends; who removes the link is told no more. */
  mourn(tell: () => void): Mourning {
    return this.world.mourners.add(this, tell);
  }

  say(what: string): void {
    this.world.transcript.say(this.name, what);
  }
}
