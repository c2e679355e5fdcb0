// What a plain load counts: how requests ended, how long the answered and the refused took, and the same in windows of time.
//
// Guarantees: every request is in exactly one of ok, refused and errors; latencies count from when a request was due, unless they say from sending; times of errors are in
// no distribution.
import { DistributionRecord, type DistributionResult } from '#workload';

export type PlainOutcome = 'ok' | 'refused' | 'error';

/** Milliseconds; `atMs` is the window's beginning, and a request is in that in which it was due. */
export interface PlainWindow {
  readonly atMs: number;
  readonly ok: number;
  readonly refused: number;
  readonly errors: number;
  /** Of all that were ok, those whose answer came in this window. */
  readonly answered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface PlainResult {
  readonly requests: number;
  readonly ok: number;
  /** 429 and 503: the host said that it takes no more. */
  readonly refused: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  /** Answers with the mark that was looked for. */
  readonly marked: number;
  /** From the first request due to the last answer. */
  readonly elapsedMs: number;
  /** Answered as they should be, each second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly latency: DistributionResult;
  readonly markedLatency: DistributionResult;
  readonly refusal: DistributionResult;
  /** The same from when they were really sent: without what the driver itself was late. */
  readonly refusalFromSending: DistributionResult;
  /** How late requests left. */
  readonly lateness: DistributionResult;
  readonly windows: readonly PlainWindow[];
}

class Window {
  ok = 0;
  refused = 0;
  errors = 0;
  answered = 0;
  readonly latency = new DistributionRecord();
}

/** Windows in which nothing was due are holes of the array. */
const toWindow = (window: Window | undefined): Window => window ?? new Window();

export class PlainRecord {
  private readonly latency = new DistributionRecord();
  private readonly markedLatency = new DistributionRecord();
  private readonly refusal = new DistributionRecord();
  private readonly refusalFromSending = new DistributionRecord();
  private readonly lateness = new DistributionRecord();
  private readonly windows: Window[] = [];
  private counts = { ok: 0, refused: 0, error: 0 };
  private firstError: string | undefined;
  private lastMs = 0;

  /** Windows of time are this long; `originMs` is when the first request may be due. */
  constructor(
    private readonly originMs: number,
    private readonly windowMs: number,
  ) {}

  add(dueMs: number, sentMs: number, endedMs: number, outcome: PlainOutcome, isMarked: boolean, detail?: string): void {
    const ms = endedMs - dueMs;
    const window = this.windowAt(dueMs);
    this.counts[outcome] += 1;
    this.lateness.add(sentMs - dueMs);
    if (endedMs > this.lastMs) this.lastMs = endedMs;
    if (outcome === 'ok') {
      window.ok += 1;
      this.windowAt(endedMs).answered += 1;
      this.latency.add(ms);
      window.latency.add(ms);
      if (isMarked) this.markedLatency.add(ms);
    } else if (outcome === 'refused') {
      window.refused += 1;
      this.refusal.add(ms);
      this.refusalFromSending.add(endedMs - sentMs);
    } else {
      window.errors += 1;
      this.firstError ??= detail;
    }
  }

  result(): PlainResult {
    const { ok, refused, error } = this.counts;
    const elapsedMs = Math.max(0, this.lastMs - this.originMs);
    return {
      requests: ok + refused + error,
      ok,
      refused,
      errors: error,
      firstError: this.firstError,
      marked: this.markedLatency.count,
      elapsedMs,
      perSecond: elapsedMs === 0 ? 0 : (ok * 1_000) / elapsedMs,
      p50Ms: this.latency.percentileMs(50),
      p99Ms: this.latency.percentileMs(99),
      latency: this.latency.toJson(),
      markedLatency: this.markedLatency.toJson(),
      refusal: this.refusal.toJson(),
      refusalFromSending: this.refusalFromSending.toJson(),
      lateness: this.lateness.toJson(),
      windows: Array.from(this.windows, toWindow).map((window, at) => ({
        atMs: at * this.windowMs,
        ok: window.ok,
        refused: window.refused,
        errors: window.errors,
        answered: window.answered,
        p50Ms: window.latency.percentileMs(50),
        p99Ms: window.latency.percentileMs(99),
      })),
    };
  }

  private windowAt(ms: number): Window {
    return (this.windows[Math.max(0, Math.floor((ms - this.originMs) / this.windowMs))] ??= new Window());
  }
}
