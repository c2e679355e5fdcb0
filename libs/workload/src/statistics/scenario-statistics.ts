// Everything that is counted of one scenario, of a group of them, or of a whole workload: the same thing three times, since they merge. Pure.
//
// Guarantees: `record` is called once for each request that was sent, and adds it to exactly one outcome; times of failed requests are in no distribution of
// latency, since a refusal is quick. What was lost and doubled is counted apart from what was answered.
import { ContainerTable } from './container-table';
import { DistributionRecord } from './distribution-record';
import { type FinishedRequest, type Outcome, type StartPath, startPaths } from './finished-request';
import type { ScenarioResult } from './result';
import { Timeline } from './timeline';

/** Kept for people, of each outcome. */
const detailsMost = 3;

export class ScenarioStatistics {
  private readonly outcomes = new Map<Outcome, number>();
  private readonly details = new Map<Outcome, string[]>();
  private readonly starts = new Map<StartPath, DistributionRecord>(
    startPaths.map((path) => [path, new DistributionRecord()]),
  );
  readonly latency = new DistributionRecord();
  private readonly wait = new DistributionRecord();
  private readonly init = new DistributionRecord();
  private readonly run = new DistributionRecord();
  readonly lateness = new DistributionRecord();
  private readonly containers = new ContainerTable();
  private readonly timeline = new Timeline();
  private finished = 0;
  private doubledCount = 0;
  private firstMs = Infinity;
  private lastMs = 0;

  constructor(readonly name: string) {}

  get requests(): number {
    return this.finished;
  }

  get ok(): number {
    return this.outcomes.get('ok') ?? 0;
  }

  /** All that is not as it should be. */
  get errors(): number {
    return this.finished - this.ok - (this.outcomes.get('killed') ?? 0);
  }

  count(outcome: Outcome): number {
    return this.outcomes.get(outcome) ?? 0;
  }

  record(request: FinishedRequest): void {
    const { intendedMs, sentMs, endedMs, outcome, startPath, container } = request;
    this.finished += 1;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (request.detail !== undefined) this.keepDetail(outcome, request.detail);
    this.firstMs = Math.min(this.firstMs, intendedMs);
    this.lastMs = Math.max(this.lastMs, endedMs);
    this.lateness.add(sentMs - intendedMs);
    this.timeline.ended(intendedMs, endedMs, outcome !== 'ok' && outcome !== 'killed');
    if (outcome === 'ok') {
      this.latency.add(endedMs - intendedMs);
      if (startPath) this.starts.get(startPath)!.add(endedMs - intendedMs);
      if (request.waitMs !== undefined) this.wait.add(request.waitMs);
      if (request.initMs !== undefined) this.init.add(request.initMs);
      if (request.runMs !== undefined) this.run.add(request.runMs);
    }
    const { insideStartMs = sentMs, insideEndMs = endedMs } = request;
    if (container !== undefined) {
      this.containers.ran(container, insideStartMs, insideEndMs, request.containerRunsBefore);
      this.timeline.ran(container, insideStartMs, insideEndMs);
    }
  }

  /** A second answer to a request that was answered already. */
  doubled(): void {
    this.doubledCount += 1;
  }

  merge(other: ScenarioStatistics): void {
    for (const [outcome, count] of other.outcomes)
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + count);
    for (const [outcome, details] of other.details) for (const detail of details) this.keepDetail(outcome, detail);
    for (const path of startPaths) this.starts.get(path)!.merge(other.starts.get(path)!);
    for (const part of ['latency', 'wait', 'init', 'run', 'lateness'] as const) this[part].merge(other[part]);
    this.containers.merge(other.containers);
    this.timeline.merge(other.timeline);
    this.finished += other.finished;
    this.doubledCount += other.doubledCount;
    this.firstMs = Math.min(this.firstMs, other.firstMs);
    this.lastMs = Math.max(this.lastMs, other.lastMs);
  }

  /** `group`: what the file says of the scenario. */
  toResult(group?: string): ScenarioResult {
    const startMs = Number.isFinite(this.firstMs) ? this.firstMs : 0;
    return {
      name: this.name,
      ...(group !== undefined && { group }),
      requests: this.finished,
      startMs,
      endMs: Math.max(startMs, this.lastMs),
      outcomes: Object.fromEntries(this.outcomes),
      details: Object.fromEntries(this.details),
      doubled: this.doubledCount,
      latency: this.latency.toJson(),
      starts: Object.fromEntries(startPaths.map((path) => [path, this.starts.get(path)!.toJson()])),
      wait: this.wait.toJson(),
      init: this.init.toJson(),
      run: this.run.toJson(),
      lateness: this.lateness.toJson(),
      containers: this.containers.toJson(),
      timeline: this.timeline.toJson(),
    };
  }

  private keepDetail(outcome: Outcome, detail: string): void {
    const kept = this.details.get(outcome) ?? [];
    if (kept.length >= detailsMost || kept.includes(detail)) return;
    this.details.set(outcome, [...kept, detail.slice(0, 500)]);
  }
}
