// A client that does not wait for the reply: it asks for the record again and again, or is called back by the action, as the workload driver does.
//
// Guarantees: `over` is called once. What is refused ends at once.
import type { Limits } from '#limits';
import type { Invocation } from './invocation';
import type { Follower } from './records';

export interface WaitingParts {
  readonly completion: 'polling' | 'callback';
  readonly limits: Limits;
  readonly after: (ms: number, act: () => void) => void;
  /** Of a question for a record and its answer. */
  readonly askMs: () => number;
  readonly over: (how: string, invocation: Invocation | undefined) => void;
}

export class WaitingClient implements Follower {
  private invocation: Invocation | undefined;
  private how = 'lost';
  private isStored = false;
  private isOver = false;
  private pollAfterMs: number;

  constructor(private readonly parts: WaitingParts) {
    this.pollAfterMs = parts.limits.driverPollFirstMs;
  }

  told(): void {
    if (this.parts.completion === 'polling') this.pollLater();
  }

  refused(): void {
    this.end('not taken');
  }

  ended(invocation: Invocation, how: string): void {
    this.invocation = invocation;
    this.how = how;
    if (this.parts.completion === 'callback' && how === 'ran') this.end(how);
  }

  stored(): void {
    this.isStored = true;
    // The action will not call back: its record is all that comes, and a driver would wait for nothing.
    if (this.parts.completion === 'callback') this.end(this.how);
  }

  private pollLater(): void {
    const { after, limits, askMs } = this.parts;
    const waitMs = this.pollAfterMs;
    this.pollAfterMs = Math.min(limits.driverPollMostMs, 2 * waitMs);
    after(waitMs, () => {
      // As of when the question arrives.
      const { isStored } = this;
      after(askMs(), () => (isStored ? this.end(this.how) : this.pollLater()));
    });
  }

  private end(how: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.parts.over(how, this.invocation);
  }
}
