// A client that does not wait for the platform: call n is due at start + n × everyMs, whatever became of the ones before it, and its
// latency counts from then. So a pause of the platform shows in every call that was due in it, not only in the one that was under way.
//
// Guarantees: every call that was sent is in the history once, with what became of it; `stop` resolves when all of them have ended.
import type { RawAnswer } from './raw-http';

/** What the world made of a call. */
export interface Sent {
  /** Undefined: there was none. */
  readonly answer?: RawAnswer;
  /** Who took it, as the sender numbers them. */
  readonly through?: number;
  /** Why it counts as failed. */
  readonly failure?: string;
}

export interface Call extends Sent {
  readonly n: number;
  /** By performance.now(), like all times here. */
  readonly intendedMs: number;
  readonly endedMs: number;
  readonly activationId?: string;
}

export class OpenLoop {
  /** In the order in which they ended. */
  readonly history: Call[] = [];
  readonly startedMs = performance.now();
  private readonly underWay = new Set<Promise<void>>();
  private count = 0;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly everyMs: number,
    /** Sends call n; must not reject. */
    private readonly send: (n: number) => Promise<Sent>,
  ) {
    this.sendDue();
  }

  /** So many calls more, due now, numbered from `from` on. */
  burst(count: number, from: number): void {
    for (let n = from; n < from + count; n += 1) this.begin(n, performance.now());
  }

  /** No more calls; answers the history once all have ended. */
  async stop(): Promise<readonly Call[]> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await Promise.all(this.underWay);
    return this.history;
  }

  private sendDue(): void {
    if (this.isStopped) return;
    const now = performance.now();
    for (; this.dueMs(this.count) <= now; this.count += 1) {
      this.begin(this.count, this.dueMs(this.count));
    }
    this.timer = setTimeout(() => this.sendDue(), Math.max(1, this.dueMs(this.count) - performance.now()));
  }

  private dueMs(n: number): number {
    return this.startedMs + n * this.everyMs;
  }

  private begin(n: number, intendedMs: number): void {
    const call = this.call(n, intendedMs);
    this.underWay.add(call);
    void call.finally(() => this.underWay.delete(call));
  }

  private async call(n: number, intendedMs: number): Promise<void> {
    const sent = await this.send(n);
    const id = sent.answer?.headers['x-openwhisk-activation-id'] as string | undefined;
    this.history.push({ ...sent, n, intendedMs, endedMs: performance.now(), ...(id && { activationId: id }) });
  }
}

const hasSucceeded = ({ failure }: Call): boolean => failure === undefined;

export const failedOf = (calls: readonly Call[]): Call[] => calls.filter((call) => !hasSucceeded(call));

/** The longest time between two successful answers in a row. */
export function longestGapMs(calls: readonly Call[]): number {
  const ends = calls
    .filter(hasSucceeded)
    .map(({ endedMs }) => endedMs)
    .sort((left, right) => left - right);
  return Math.max(0, ...ends.slice(1).map((endedMs, at) => endedMs - ends[at]!));
}

/** The longest that a successful call took, from when it was due. */
export function slowestMs(calls: readonly Call[]): number {
  return Math.max(0, ...calls.filter(hasSucceeded).map(({ intendedMs, endedMs }) => endedMs - intendedMs));
}
