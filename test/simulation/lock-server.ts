// The lock's store, as Redis serves it to schedulers: one lock with a lease by its own clock, and the highest epoch. It may be slow, say
// nothing for a while, or lose everything.
import type { Process } from './process';
import type { World } from './world';

/** How long a scheduler waits for an answer. */
const timeoutMs = 500;

export interface Holder {
  readonly secret: number;
  readonly name: string;
  epoch: bigint;
  until: number;
}

export class LockServer {
  private holder: Holder | undefined;
  private epoch = 0n;
  private stalledUntil = 0;
  private secrets = 0;

  constructor(
    private readonly world: World,
    private readonly leaseMs: number,
  ) {}

  stall(ms: number): void {
    this.world.transcript.say('lock', `says nothing for ${Math.round(ms)} ms`);
    this.stalledUntil = this.world.queue.now + ms;
  }

  loseData(): void {
    this.world.transcript.say('lock', 'lost its data');
    this.holder = undefined;
    this.epoch = 0n;
  }

  wake(): void {
    this.stalledUntil = 0;
  }

  /** One question of a scheduler; `undefined` is no answer. */
  ask<T>(from: Process, question: (server: LockServer) => T, done: (answer: T | undefined) => void): void {
    const { queue, network, chance } = this.world;
    const { life } = from;
    let isOver = false;
    const end = (answer: T | undefined): void => {
      if (isOver) return;
      isOver = true;
      done(answer);
    };
    from.after(timeoutMs, () => end(undefined));
    if (chance.of(network.lossShare / 2)) return;
    const arrive = (): void => {
      if (this.stalledUntil > queue.now) return queue.at(this.stalledUntil + 1, arrive);
      const answer = question(this);
      queue.after(network.delay(), () => from.run(life, 'message', () => end(answer)));
    };
    queue.after(network.delay(), arrive);
  }

  private get current(): Holder | undefined {
    return this.holder && this.holder.until > this.world.queue.now ? this.holder : undefined;
  }

  acquire(name: string, above: bigint): { taken: Holder } | { taken: undefined; holder: Holder } {
    const { current } = this;
    if (current) return { taken: undefined, holder: current };
    const epoch = this.raise(above);
    this.secrets += 1;
    this.holder = { secret: this.secrets, name, epoch, until: this.world.queue.now + this.leaseMs };
    this.world.transcript.say('lock', `${name} has it (epoch ${epoch})`);
    return { taken: this.holder };
  }

  renew(secret: number): boolean {
    if (this.current?.secret !== secret) return false;
    this.current.until = this.world.queue.now + this.leaseMs;
    return true;
  }

  lift(secret: number, above: bigint): bigint | 'not held' {
    if (this.current?.secret !== secret) return 'not held';
    return (this.current.epoch = this.raise(above));
  }

  release(secret: number): true {
    if (this.holder?.secret === secret) this.holder = undefined;
    return true;
  }

  private raise(above: bigint): bigint {
    if (above > this.epoch) this.epoch = above;
    this.epoch += 1n;
    return this.epoch;
  }
}
