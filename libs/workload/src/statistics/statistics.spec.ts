import { seededRandom } from '#clock';
import { planWorkload } from '../plan';
import { readWorkload } from '../read-workload';
import { resultTable } from '../report/result-table';
import { DistributionRecord } from './distribution-record';
import type { FinishedRequest } from './finished-request';
import { readResult } from './result';
import { ScenarioStatistics } from './scenario-statistics';
import { Timeline } from './timeline';
import { WorkloadStatistics } from './workload-statistics';

const { workload } = readWorkload(`
name: two
scenarios:
  - { name: a, group: g, requests: 10, arrivals: { constant: { perSecond: 10 } } }
  - { name: b, group: g, requests: 10, arrivals: { constant: { perSecond: 10 } } }`);
const plan = planWorkload(workload!);
const facts = { source: 'platform', target: 'here', elapsedMs: 1_000, isPartial: false } as const;

function statisticsOf(seed: number, count: number): WorkloadStatistics {
  const random = seededRandom(seed);
  const statistics = new WorkloadStatistics(plan);
  for (let at = 0; at < count; at += 1) {
    const intendedMs = random() * 5_000;
    const endedMs = intendedMs + random() * 100;
    const request: FinishedRequest = {
      intendedMs,
      sentMs: intendedMs + random(),
      endedMs,
      outcome: random() < 0.1 ? 'throttled' : 'ok',
      startPath: random() < 0.5 ? 'cold' : 'warm',
      waitMs: random() * 10,
      runMs: random() * 10,
      container: `c${Math.floor(random() * 20)}`,
      detail: random() < 0.01 ? 'too many' : undefined,
    };
    statistics.record(at % 2, request);
  }
  return statistics;
}

describe('distributions', () => {
  it('give the percentiles of what was added, to a thousandth', () => {
    const record = new DistributionRecord();
    for (let ms = 1; ms <= 100_000; ms += 1) record.add(ms / 10);
    for (const percent of [50, 99, 99.9, 99.99]) {
      expect(Math.abs(record.percentileMs(percent) / (100 * percent) - 1)).toBeLessThan(0.002);
    }
  });

  it('lose nothing when written, and merge to what one alone would have seen', () => {
    const [random, all, left, right] = [
      seededRandom(3),
      new DistributionRecord(),
      new DistributionRecord(),
      new DistributionRecord(),
    ];
    for (let at = 0; at < 20_000; at += 1) {
      const ms = Math.exp(random() * 14 - 2);
      all.add(ms);
      (at % 3 === 0 ? left : right).add(ms);
    }
    const read = (record: DistributionRecord): DistributionRecord =>
      DistributionRecord.fromJson(JSON.parse(JSON.stringify(record.toJson())));
    const merged = read(left);
    merged.merge(read(right));
    const { meanMs, hdr: mergedHdr, ...counted } = merged.toJson();
    const { meanMs: meanOfAll, hdr, ...expected } = all.toJson();
    expect(counted).toEqual(expected);
    expect(mergedHdr).toBe(hdr);
    expect(meanMs).toBeCloseTo(meanOfAll!, 6);
  });
});

describe('a timeline', () => {
  it('folds into few slots and keeps its sums', () => {
    const timeline = new Timeline();
    for (let at = 0; at < 10_000; at += 1) {
      timeline.ended(at * 50, at * 50 + 10, at % 10 === 0);
      timeline.ran('c', at * 50, at * 50 + 10);
    }
    const { widthMs, slots } = timeline.toJson();
    expect(slots.length).toBeLessThanOrEqual(600);
    expect(widthMs).toBe(1_600);
    const sum = (of: (slot: (typeof slots)[number]) => number): number =>
      slots.reduce((total, slot) => total + of(slot), 0);
    expect([sum(({ due }) => due), sum(({ ended }) => ended), sum(({ errors }) => errors)]).toEqual([
      10_000, 10_000, 1_000,
    ]);
    expect(sum(({ latencies }) => latencies.reduce((total, count) => total + count, 0))).toBe(9_000);
    expect(sum(({ busyMs }) => busyMs)).toBeCloseTo(100_000, 3);
  });
});

describe('statistics of a workload', () => {
  it('count every request once and the whole like its parts', () => {
    const { scenarios, groups, whole } = statisticsOf(1, 4_000).toResult(facts);
    const total = (of: typeof whole): number => Object.values(of.outcomes).reduce((sum, count) => sum + count, 0);
    expect(scenarios.map(total)).toEqual([2_000, 2_000]);
    expect([total(whole), whole.requests, groups[0]!.requests]).toEqual([4_000, 4_000, 4_000]);
    expect(whole.latency.count).toBe(whole.outcomes.ok);
    expect(whole.containers).toMatchObject({ seen: 20, runs: 4_000, reused: 3_980, mostAtOnce: 20 });
  });

  it('merge those of two drivers', () => {
    const [one, two] = [statisticsOf(1, 1_000), statisticsOf(2, 1_000)];
    one.merge(two);
    const { whole } = one.toResult(facts);
    expect(whole.requests).toBe(2_000);
    expect(whole.containers.seen).toBe(20);
  });

  it('are read as they were written, and refused otherwise', () => {
    const result = statisticsOf(1, 500).toResult(facts);
    expect(readResult(JSON.stringify(result), 'r.json')).toEqual(JSON.parse(JSON.stringify(result)));
    expect(() => readResult(JSON.stringify({ ...result, version: 2 }), 'r.json')).toThrow(
      'r.json has version 2; this Hearth reads version 1.',
    );
    expect(() => readResult('{', 'r.json')).toThrow(/^r\.json is no JSON/);
    expect(() => readResult('{}', 'r.json')).toThrow('r.json is no result of a workload.');
  });

  it('explain throttling, and say when the driver was behind', () => {
    const late = new WorkloadStatistics(plan);
    for (let at = 0; at < 100; at += 1)
      late.record(0, { intendedMs: at, sentMs: at + 40, endedMs: at + 41, outcome: at < 3 ? 'throttled' : 'ok' });
    const result = late.toResult(facts);
    expect(result.remarks).toEqual([
      expect.stringMatching(/^a: the driver fell behind its own schedule \(99 % of requests left within 40\.0 ms/),
      expect.stringMatching(/^3 requests throttled .*LIMIT_NAMESPACE_INVOCATIONS_PER_MINUTE/),
    ]);
    expect(resultTable(result)).toContain('(! the driver was behind its schedule)');
  });

  it('keep few details of many errors', () => {
    const statistics = new ScenarioStatistics('a');
    for (let at = 0; at < 100; at += 1)
      statistics.record({ intendedMs: 0, sentMs: 0, endedMs: 1, outcome: 'refused', detail: `${at % 7}` });
    expect(statistics.toResult().details).toEqual({ refused: ['0', '1', '2'] });
    expect(statistics.errors).toBe(100);
  });
});
