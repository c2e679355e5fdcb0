// What every part of the pure core shares: the time of the input being handled, the limits, the deadlines, the effects so far,
// and what has to be looked at again before the input is done (see ContainerPool.settle).
import type { Random } from '#clock';
import { Worklist } from '#collections';
import type { Limits } from '#limits';
import { grantId } from '#protocol';
import type { Demand } from './demand';
import type { Effect, EventSubject } from './effects';
import type { Hold } from './hold';
import type { Node } from './node';
import { Timers } from './timers';

/** `toString(16)` of so large a number takes longer than all else that a new id needs. */
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export class Context {
  /** Monotonic time of the input being handled. */
  nowMs: number;
  /** Grows with every input; tells an answer from what happened after its question. */
  sequence = 0;
  effects: Effect[] = [];
  readonly timers = new Timers();
  /** One for each container, minutes away: apart, so that what is due soon is not sorted into a hundred thousand of them. */
  readonly idleTimers = new Timers();
  /** Demands that may need more than they have. */
  readonly unsettledDemands = new Worklist<Demand>();
  /** Nodes that may have more than before. */
  readonly unsettledNodes = new Worklist<Node>();
  /** Holds of which something was freed or kept. */
  readonly unsettledHolds = new Worklist<Hold>();
  /** As agents are told it. */
  readonly epochText: string;
  private grants = 0;

  constructor(
    readonly epoch: bigint,
    readonly limits: Limits,
    private readonly random: Random,
    /** When this leader began. */
    readonly sinceMs: number,
    /** Asked before an event of a container that nothing but its listeners depends on. */
    readonly hearsContainers: () => boolean = () => true,
  ) {
    this.nowMs = sinceMs;
    this.epochText = epoch.toString();
  }

  nextGrantId(): string {
    this.grants += 1;
    return grantId(this.epoch, this.grants);
  }

  /** 8 hexadecimal digits. */
  randomHex(): string {
    const number = Math.floor(this.random() * 0x1_0000_0000);
    return (
      hexPairs[number >>> 24]! +
      hexPairs[(number >>> 16) & 0xff]! +
      hexPairs[(number >>> 8) & 0xff]! +
      hexPairs[number & 0xff]!
    );
  }

  /** Trimming of idle containers waits until a new leader has heard from everybody. */
  get isSettled(): boolean {
    return this.nowMs - this.sinceMs >= this.limits.settleMs;
  }

  event(subject: EventSubject, id: string, what: string): void {
    this.effects.push({ kind: 'event', subject, id, what });
  }
}
