// Forwarding, decided: who of those that wait here follows a hint to another controller, and what the answer means for him. Pure.
//
// Guarantees: at most as many go as the hint says are free there and as connections to that peer are left; the longest waiters go first;
// only a client's own invocation goes, once forwarded it is never forwarded again by the one who got it, and while one that was refused
// elsewhere still waits here nobody of its key goes: the scheduler then serves the key by a container of its own.
import type { Limits } from '#limits';

/**
 * Where an invocation came from decides where it may go. One of a `client` may wait here and be forwarded; one of the durable `queue` may
 * wait, but its claim belongs to this controller; one of a `peer` (another controller) runs at once or not at all.
 */
export type Origin = 'client' | 'queue' | 'peer';

/** What forwarding needs to know of an invocation. It owns `forward`. */
export interface Forwardable {
  readonly origin: Origin;
  forward: 'not' | 'under way' | 'refused';
}

/** What became of a forwarded invocation. */
export type ForwardEnd =
  | 'kept' // it ran there, and its record is kept there
  | 'refused' // nothing of it was begun there
  | 'lost'; // it was written, and there is no answer: nobody knows

export class Forwarding<Invocation extends Forwardable> {
  /** How many are under way, by the peer's address. */
  private readonly underWay = new Map<string, number>();

  constructor(private readonly limits: Pick<Limits, 'peerConnectionsCount'>) {}

  get underWayCount(): number {
    let count = 0;
    for (const some of this.underWay.values()) count += some;
    return count;
  }

  /** Those of a key's waiters, given longest first, that go now. They count as under way until `ended`. */
  choose(waiters: readonly Invocation[], address: string, free: number): Invocation[] {
    if (waiters.some(({ forward }) => forward === 'refused')) return [];
    const already = this.underWay.get(address) ?? 0;
    const room = Math.max(0, Math.min(free, this.limits.peerConnectionsCount - already));
    const chosen = waiters.filter(({ origin, forward }) => origin === 'client' && forward === 'not').slice(0, room);
    for (const invocation of chosen) invocation.forward = 'under way';
    if (chosen.length > 0) this.underWay.set(address, already + chosen.length);
    return chosen;
  }

  /** Answers whether it waits here again. */
  ended(invocation: Invocation, address: string, end: ForwardEnd): boolean {
    if (invocation.forward !== 'under way') throw new Error('forwarding: ended for one that is not under way');
    const left = (this.underWay.get(address) ?? 0) - 1;
    if (left > 0) this.underWay.set(address, left);
    else this.underWay.delete(address);
    invocation.forward = end === 'refused' ? 'refused' : 'not';
    return end === 'refused';
  }
}
