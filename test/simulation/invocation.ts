// One invocation of a simulated client, as the load balancer needs it, and what became of it.
import type { Deadline } from '../../apps/controller/src/invoke/deadlines';
import type { Origin } from '../../apps/controller/src/invoke/forwarding';
import type { KeyFacts, Waiting } from '../../apps/controller/src/invoke/load-balancer';
import type { Attempts } from '../../apps/controller/src/invoke/retries';
import type { UnderWay } from '../../apps/controller/src/invoke/run-statistics';
import { Settlement } from '../../apps/controller/src/invoke/settlement';
import type { StartPath } from '#workload';
import type { Link } from './chain';
import type { Entry } from './records';
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
  /** Of a run, and of an init. */
  readonly timeoutMs: number;
  readonly initTimeoutMs: number;
  /** A run ends its own container half-way. */
  readonly kills?: boolean;
}

export interface Course {
  startPath: StartPath;
  /** The number of the one that ran it last. */
  container: number | undefined;
  /** When the container that it initialised was begun, by the cluster's time. */
  bornAt: number | undefined;
  initMs: number | undefined;
  /** By its controller's clock. */
  runAtMs: number;
  runMs: number;
}

export class Invocation implements Waiting {
  overflow: 'out' | 'waiting' = 'out';
  deadline: Deadline | undefined = undefined;
  underWay: UnderWay | undefined = undefined;
  forward: 'not' | 'under way' | 'refused' = 'not';
  readonly settlement: Settlement;
  /** /init or /run may have been sent. */
  isBegun = false;
  /** Among those that have not ended. */
  open: Link<readonly [Invocation, unknown]> | undefined;
  /** In its controller's journal. */
  written: Entry | undefined = undefined;
  /** How it ended, by its controller's word. */
  ended: string | undefined;
  /** For whoever measures: how the container that ran it had started, which it was, and when its init and its run began and ended. */
  readonly course: Course = {
    startPath: 'warm',
    container: undefined,
    bornAt: undefined,
    initMs: undefined,
    runAtMs: 0,
    runMs: 0,
  };

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
