// The container proxy: the state machine that owns one container in its controller. Pure: no socket, no timer, no promise.
//
// Guarantees: suspend and run exclude each other; a run that is reserved while the container suspends or is suspended starts only after a
// successful resume; what is reserved is counted before anything else happens and given back exactly once; an illegal transition throws.
// It does not decide who runs in it: the load balancer reserves, this object says what has to happen next.
import { type ContainerState, mayBecome, takesRuns } from './container-state';
import type { Deadline, Deadlined } from './deadlines';
import { UseReport } from './use-report';
import type { WarmKey } from './warm-containers';

/** What never changes for one grant. */
export interface GrantedContainer {
  readonly id: string;
  readonly grantId: string;
  readonly actionKey: string;
  readonly nodeId: string;
  readonly agentUrl: string;
  /** host:port, or the path of a Unix socket. */
  readonly address: string;
  /** The address is that of the node's agent, which is asked for a tunnel to the container. */
  readonly isTunnelled?: boolean;
  readonly kind: string;
  readonly memoryMb: number;
  /** Runs in flight at once, at least 1. */
  readonly concurrency: number;
}

/** What the shell has to do after a step. */
export type NextStep =
  | 'none'
  | 'init' // post /init for the one reservation
  | 'run' // post /run for what was reserved
  | 'wait' // the reservation waits for a suspend or resume that is under way
  | 'resume' // ask the agent to thaw it with `sequence`
  | 'drained'; // it is empty and given back

export class ContainerProxy<Waiter> implements Deadlined {
  private current: ContainerState;
  private reservations = 0;
  /** Who waits for a suspend or resume; there as soon as somebody does. */
  private pending: Waiter[] | undefined = undefined;
  private retired = false;
  private codeLoaded: boolean;
  /** Number of the last suspend or resume that the agent was asked for; starts at 1 with each grant. */
  sequence = 0;
  /** When it last became free. */
  freeSince: number;
  /** Kept by the load balancer: when it has been free for the grace. */
  deadline: Deadline | undefined = undefined;
  /** Kept by share-states. */
  readonly report = new UseReport<ContainerProxy<unknown>>(this as ContainerProxy<unknown>);
  /** Kept by the warm list: the containers of its key, while it is among them. */
  warmKey: WarmKey<Waiter> | undefined = undefined;
  /** Kept by the warm list: whether it stands in one of its stacks. */
  listed = false;

  constructor(
    readonly container: GrantedContainer,
    start: 'uninitialised' | 'initialised' | 'suspended',
    now: number,
  ) {
    this.current = start === 'uninitialised' ? 'starting' : start === 'suspended' ? 'suspended' : 'ready';
    this.codeLoaded = start !== 'uninitialised';
    this.freeSince = now;
  }

  get state(): ContainerState {
    return this.current;
  }

  get inFlight(): number {
    return this.reservations;
  }

  get isBusy(): boolean {
    return this.reservations > 0;
  }

  get isInitialised(): boolean {
    return this.codeLoaded;
  }

  /** Thawed, or about to be: preferred over suspended ones. */
  get isThawed(): boolean {
    return this.current === 'ready' || this.current === 'running' || this.current === 'resuming';
  }

  canReserve(): boolean {
    if (this.retired || !takesRuns(this.current)) return false;
    return this.reservations < (this.codeLoaded ? this.container.concurrency : 1);
  }

  /** Takes a slot for this waiter. Throws if there is none. */
  reserve(waiter: Waiter): NextStep {
    if (!this.canReserve())
      throw new Error(`container ${this.container.id}: no slot to reserve in state ${this.current}`);
    this.reservations += 1;
    switch (this.current) {
      case 'starting':
        return 'init';
      case 'ready':
        this.become('running');
        return 'run';
      case 'running':
        return 'run';
      case 'suspended':
        this.wait(waiter);
        this.become('resuming');
        this.sequence += 1;
        return 'resume';
      default:
        this.wait(waiter);
        return 'wait';
    }
  }

  /** /init succeeded; the reservation that caused it goes on to /run. */
  initialised(): void {
    this.codeLoaded = true;
    this.become(this.retired ? 'draining' : 'running');
  }

  /** A run ended and the container is kept. Answers 'drained' when that was the last one of a retired container. */
  release(now: number): NextStep {
    if (this.reservations === 0) throw new Error(`container ${this.container.id}: released more often than reserved`);
    this.reservations -= 1;
    if (this.reservations > 0 || this.current === 'removed') return 'none';
    this.freeSince = now;
    if (this.current === 'draining' || this.retired) return this.leave();
    if (this.current === 'running') this.become('ready');
    return 'none';
  }

  /** The suspend grace is over. Answers whether the agent is to be asked, with `sequence`. */
  suspend(): boolean {
    if (this.current !== 'ready' || this.reservations > 0) return false;
    this.sequence += 1;
    this.become('suspending');
    return true;
  }

  /** The suspend is over, well or not: from now on only a successful resume makes it run again. */
  suspendEnded(sequence: number): NextStep {
    if (this.current !== 'suspending' || sequence !== this.sequence) return 'none';
    if (!this.pending) {
      this.become('suspended');
      return 'none';
    }
    this.become('resuming');
    this.sequence += 1;
    return 'resume';
  }

  /** Thawed: answers the waiters that now run. */
  resumed(sequence: number): Waiter[] {
    if (this.current !== 'resuming' || sequence !== this.sequence) return [];
    this.become(this.retired ? 'draining' : 'running');
    return this.takePending();
  }

  /** May the scheduler have it now? Yes takes it away at once. */
  reclaim(): boolean {
    if (this.reservations > 0 || this.current === 'removed') return false;
    this.become('removed');
    return true;
  }

  /** No new runs. Answers 'drained' if nothing is in flight, else that comes with the last release. */
  retire(): NextStep {
    if (this.current === 'removed') return 'none';
    this.retired = true;
    if (this.reservations === 0) return this.leave();
    if (this.current === 'running') this.become('draining');
    return 'none';
  }

  /** It failed or vanished. Answers the reservations that had not begun and must go elsewhere. */
  remove(): Waiter[] {
    if (this.current === 'removed') return [];
    this.become('removed');
    return this.takePending();
  }

  private leave(): NextStep {
    this.become('removed');
    return 'drained';
  }

  private wait(waiter: Waiter): void {
    if (this.pending) this.pending.push(waiter);
    else this.pending = [waiter];
  }

  private takePending(): Waiter[] {
    const waiters = this.pending ?? [];
    this.pending = undefined;
    return waiters;
  }

  /** The only line that assigns the state. */
  private become(next: ContainerState): void {
    if (!mayBecome(this.current, next))
      throw new Error(`container ${this.container.id}: illegal transition ${this.current} -> ${next}`);
    this.current = next;
  }
}
