// One invocation of a simulated client, as the load balancer needs it, and what became of it.
import type { Origin } from '../../apps/controller/src/invoke/forwarding';
import type { KeyFacts, Waiting } from '../../apps/controller/src/invoke/load-balancer';
import type { Attempts } from '../../apps/controller/src/invoke/retries';
import { Settlement } from '../../apps/controller/src/invoke/settlement';
import type { Claim } from './store';

/** What clients invoke. */
export interface Action {
  readonly key: string;
  readonly facts: KeyFacts;
  /** Of a run, at most. */
  readonly durationMs: number;
  /** Share of inits that its code fails. */
  readonly initFailShare: number;
  /** Further attempts of one that was lost, as its annotation asks for. */
  readonly retries: number;
}

export class Invocation implements Waiting {
  overflow: 'out' | 'waiting' = 'out';
  overflowLimitMs = 0;
  forward: 'not' | 'under way' | 'refused' = 'not';
  readonly settlement: Settlement;
  /** /init or /run may have been sent. */
  isBegun = false;
  /** How it ended, by its controller's word. */
  ended: string | undefined;

  constructor(
    readonly activation: string,
    readonly action: Action,
    readonly acceptedAt: number,
    readonly waitLimitMs: number,
    readonly takesMs: number,
    readonly origin: Origin,
    /** Called once. */
    readonly onEnd: (how: string) => void,
    /** Of one from the durable queue. */
    readonly claim?: Claim,
    attempts?: Attempts,
  ) {
    this.settlement = new Settlement(origin, attempts);
  }

  get key(): string {
    return this.action.key;
  }

  get facts(): KeyFacts {
    return this.action.facts;
  }
}
