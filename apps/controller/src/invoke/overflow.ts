// Overflow: invocations with no free container here, first in, first out by action key. Pure; time is an argument.
//
// Guarantees: bounded by key and in total; a waiter leaves exactly once, by `take`, `withdraw`, `cancel` or `expire`; each has its own wait limit;
// waiters that come back (their container failed before they ran) go to the front and keep their deadline.
import Denque from 'denque';
import { type Deadlined, Deadlines } from './deadlines';

/** What overflow needs to know of an invocation. It owns `overflow`. */
export interface OverflowWaiter extends Deadlined {
  readonly key: string;
  /** How long it may wait here. */
  readonly waitLimitMs: number;
  /** Monotonic time of its accept. */
  readonly acceptedAt: number;
  overflow: 'out' | 'waiting';
}

export interface OverflowLimits {
  readonly overflowPerKeyCount: number;
  readonly overflowTotalCount: number;
}

interface Queue<Waiter> {
  readonly waiters: Denque<Waiter>;
  /** Without those that have left and not yet come up. */
  length: number;
}

export class Overflow<Waiter extends OverflowWaiter> {
  private readonly queues = new Map<string, Queue<Waiter>>();
  private readonly deadlines = new Deadlines<Waiter>();
  private total = 0;

  constructor(private readonly limits: OverflowLimits) {}

  get length(): number {
    return this.total;
  }

  lengthOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  keys(): IterableIterator<string> {
    return this.queues.keys();
  }

  /** Milliseconds that the longest waiter of this key has been waiting, 0 if there is none. */
  oldestMs(key: string, now: number): number {
    const first = this.front(key);
    return first ? Math.max(0, now - first.acceptedAt) : 0;
  }

  /** False: the queue of this key, or all together, are full. */
  offer(waiter: Waiter, now: number): boolean {
    const queue = this.queues.get(waiter.key);
    if (this.total >= this.limits.overflowTotalCount || (queue?.length ?? 0) >= this.limits.overflowPerKeyCount)
      return false;
    this.enter(waiter, now, 'back');
    return true;
  }

  /** A waiter that had been given a container which then failed. Never refused: it was counted in before. */
  restore(waiter: Waiter, now: number): void {
    this.enter(waiter, now, 'front');
  }

  /** The longest waiter of this key. */
  take(key: string): Waiter | undefined {
    const waiter = this.front(key);
    if (!waiter) return undefined;
    this.queues.get(key)?.waiters.shift();
    this.leave(waiter);
    return waiter;
  }

  /** Those who wait for this key, longest first. */
  waiters(key: string): Waiter[] {
    const waiters = this.queues.get(key)?.waiters.toArray() ?? [];
    return waiters.filter(({ overflow }) => overflow === 'waiting');
  }

  /** Takes this one out, wherever it stands; it may come back. */
  withdraw(waiter: Waiter): void {
    if (waiter.overflow !== 'waiting') return;
    const waiters = this.queues.get(waiter.key)?.waiters;
    for (let at = 0; waiters && at < waiters.length; at++) {
      if (waiters.peekAt(at) !== waiter) continue;
      waiters.removeOne(at);
      break;
    }
    this.leave(waiter);
  }

  cancel(waiter: Waiter): void {
    if (waiter.overflow === 'waiting') this.leave(waiter);
  }

  /** Takes out everyone whose wait limit has passed. */
  expire(now: number): Waiter[] {
    const expired = this.deadlines.expire(now);
    for (const waiter of expired) this.leave(waiter);
    return expired;
  }

  takeAll(key: string): Waiter[] {
    const waiters: Waiter[] = [];
    for (let waiter = this.take(key); waiter; waiter = this.take(key)) waiters.push(waiter);
    return waiters;
  }

  private enter(waiter: Waiter, now: number, end: 'front' | 'back'): void {
    let queue = this.queues.get(waiter.key);
    if (!queue) this.queues.set(waiter.key, (queue = { waiters: new Denque<Waiter>(), length: 0 }));
    if (end === 'back') queue.waiters.push(waiter);
    else queue.waiters.unshift(waiter);
    queue.length += 1;
    this.total += 1;
    waiter.overflow = 'waiting';
    const waited = end === 'front' ? Math.floor(now - waiter.acceptedAt) : 0;
    this.deadlines.add(waiter, Math.max(0, waiter.waitLimitMs - waited), now);
  }

  private leave(waiter: Waiter): void {
    waiter.overflow = 'out';
    const queue = this.queues.get(waiter.key);
    if (!queue) return;
    queue.length -= 1;
    this.total -= 1;
    this.deadlines.remove(waiter);
    if (queue.length === 0) this.queues.delete(waiter.key);
  }

  /** Cancelled and expired ones are dropped when they come up. */
  private front(key: string): Waiter | undefined {
    const queue = this.queues.get(key);
    if (!queue) return undefined;
    for (let waiter = queue.waiters.peekFront(); waiter; waiter = queue.waiters.peekFront()) {
      if (waiter.overflow === 'waiting') return waiter;
      queue.waiters.shift();
    }
    return undefined;
  }
}
