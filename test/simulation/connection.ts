// One connection between two processes: messages of one direction arrive in order; after it is cut each end hears of it in its own time,
// and what is sent meanwhile is lost.
import type { Mourning } from './mourners';
import type { Process } from './process';
import type { World } from './world';

export interface EndHandlers {
  message(message: unknown): void;
  closed(why: string, hint: string | undefined): void;
  /** There is room again. */
  drained(): void;
}

/** Messages on their way, beyond which the sender is told to wait. */
const window = 4;

export class End {
  isOpen = true;
  handlers: EndHandlers | undefined;
  /** Asked for handlers when the first message arrives; it may close the end instead. */
  accept: ((end: End) => EndHandlers | undefined) | undefined;
  /** Whether a stopped peer is noticed here: only clients ask for signs of life. */
  notices = false;
  readonly life: number;
  private onWay = 0;
  private lastArrival = 0;

  constructor(
    readonly connection: Connection,
    readonly process: Process,
  ) {
    this.life = process.life;
  }

  get isWritable(): boolean {
    return this.isOpen && this.onWay < window;
  }

  send(message: unknown): void {
    if (!this.isOpen) return;
    this.onWay += 1;
    this.travel((peer) => {
      this.process.run(this.life, 'message', this.left);
      peer.handlers?.message(message);
    });
  }

  private readonly left = (): void => {
    this.onWay -= 1;
    if (this.isOpen && this.onWay === window - 1) this.handlers?.drained();
  };

  close(why: string, hint?: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.travel((peer) => peer.over(why, hint));
    this.connection.forget();
  }

  over(why: string, hint?: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handlers?.closed(why, hint);
  }

  private travel(arrive: (peer: End) => void): void {
    const { connection, process } = this;
    const { queue, network } = connection.world;
    const peer = connection.peerOf(process)!;
    if (network.isDown(process, peer.process)) connection.isBroken = true;
    if (connection.isBroken) return;
    this.lastArrival = Math.max(this.lastArrival, queue.now + network.delay());
    queue.at(this.lastArrival, () =>
      peer.process.run(peer.life, 'message', () => {
        if (peer.isOpen && !peer.handlers) peer.handlers = peer.accept?.(peer);
        if (peer.isOpen) arrive(peer);
      }),
    );
  }
}

export class Connection {
  /** Nothing passes any more, and nobody has noticed. */
  isBroken = false;
  readonly near: End;
  readonly far: End;
  private readonly mournings: readonly Mourning[];

  constructor(
    readonly world: World,
    one: Process,
    other: Process,
    handlers: EndHandlers,
    accept: (end: End) => EndHandlers | undefined,
    private readonly onForget: (connection: Connection) => void,
  ) {
    this.near = new End(this, one);
    this.far = new End(this, other);
    this.near.handlers = handlers;
    this.near.notices = true;
    this.far.accept = accept;
    this.mournings = [one.mourn(() => this.cut(0, 20)), other.mourn(() => this.cut(0, 20))];
    if (other.state === 'dead') this.cut(0, 10);
  }

  peerOf(process: Process): End | undefined {
    if (process === this.near.process) return this.far;
    return process === this.far.process ? this.near : undefined;
  }

  isBetween(one: Process, other: Process): boolean {
    return this.peerOf(one)?.process === other;
  }

  forget(): void {
    for (const mourning of this.mournings) mourning.remove();
    this.onForget(this);
  }

  /** Each end hears of it within that time. */
  cut(leastMs: number, mostMs: number): void {
    this.isBroken = true;
    this.forget();
    for (const end of [this.near, this.far]) {
      this.world.queue.after(this.world.chance.between(leastMs, mostMs), () =>
        end.process.run(end.life, 'message', () => end.over('the connection broke')),
      );
    }
  }
}
