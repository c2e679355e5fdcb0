// Time and randomness, defined once. Everything else gets them as arguments, so that tests and the simulation own both.
//
// `now()` is monotonic and says nothing about the calendar: use it for every deadline, age and lease.
// `wallMs()` is the calendar, for what users read (start, end, updated). It may jump.

/** Where an object learns the time. */
export interface Clock {
  /** Monotonic milliseconds with a fraction, from an arbitrary zero. */
  now(): number;
  /** Milliseconds since 1970 as an integer. */
  wallMs(): number;
}

/** The only place of the product that reads the system's clocks. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
};

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  constructor(
    private monotonicMs = 0,
    private readonly epochMs = 1_700_000_000_000,
  ) {}

  now(): number {
    return this.monotonicMs;
  }

  wallMs(): number {
    return Math.floor(this.epochMs + this.monotonicMs);
  }

  /** Moves both clocks on. Time never goes back. */
  advance(ms: number): void {
    if (ms < 0) throw new RangeError(`clock: cannot go back by ${-ms} ms`);
    this.monotonicMs += ms;
  }
}

/** A number in [0, 1), as Math.random. */
export type Random = () => number;

/** A small seeded generator (mulberry32), for tests and simulations; not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
