import { seededRandom } from '#clock';
import { planWorkload } from '../plan';
import { readWorkload } from '../read-workload';
import { DistributionRecord, type DistributionResult } from './distribution-record';
import type { FinishedRequest } from './finished-request';
import { mergeResults } from './merge-results';
import { readResult, type WorkloadResult } from './result';
import { WorkloadStatistics } from './workload-statistics';

function planOf(name: string) {
  const { workload } = readWorkload(`
name: ${name}
scenarios:
  - { name: left, group: both, requests: 1, arrivals: { constant: { perSecond: 1 } } }
  - { name: right, group: both, requests: 1, arrivals: { constant: { perSecond: 1 } } }`);
  return planWorkload(workload!);
}

/** Requests of one driver, whose containers are its own. */
function requestsOf(driver: number, count: number): FinishedRequest[] {
  const random = seededRandom(driver);
  return Array.from({ length: count }, (_, at) => {
    const intendedMs = at * 7 * driver;
    const outcome = random() < 0.1 ? 'lost' : 'ok';
    const endedMs = intendedMs + 1 + 300 * random() ** 4;
    const container = outcome === 'ok' ? `driver ${driver} container ${at % 5}` : undefined;
    return {
      intendedMs,
      sentMs: intendedMs,
      endedMs,
      outcome,
      container,
      startPath: at < 5 ? 'cold' : 'warm',
      ...(outcome === 'lost' && { detail: `nothing heard by ${driver}` }),
    };
  });
}

function resultOf(drivers: readonly (readonly FinishedRequest[])[], name = 'two'): WorkloadResult {
  const statistics = new WorkloadStatistics(planOf(name));
  for (const requests of drivers) for (const [at, request] of requests.entries()) statistics.record(at % 2, request);
  const facts = { source: 'platform', target: 'http://here', elapsedMs: 5_000, isPartial: false } as const;
  // As it comes from a file.
  return readResult(JSON.stringify(statistics.toResult(facts)), 'it');
}

/** All that a distribution says, to a thousandth of its requests; how it is packed depends on the order in which it grew. */
function shapeOf(written: DistributionResult): unknown {
  const record = DistributionRecord.fromJson(written);
  const { hdr: _, meanMs = 0, ...others } = written;
  const steps = Array.from({ length: 1_001 }, (__, at) => record.percentileMs(at / 10));
  return { ...others, meanMs: Math.round(meanMs * 1e6), steps };
}

describe('results that are merged', () => {
  const [one, other] = [requestsOf(1, 2_000), requestsOf(3, 3_000)];
  const merged = mergeResults([resultOf([one]), resultOf([other])], ['a', 'b']);
  const together = resultOf([one, other]);

  it.each(['scenarios', 'groups'] as const)('have the %s that one driver of all requests would have', (rows) => {
    for (const [at, row] of merged[rows].entries()) {
      const expected = together[rows][at]!;
      for (const part of ['latency', 'wait', 'init', 'run', 'lateness'] as const) {
        expect(shapeOf(row[part])).toEqual(shapeOf(expected[part]));
      }
      expect(shapeOf(row.starts.cold!)).toEqual(shapeOf(expected.starts.cold!));
      for (const same of ['requests', 'outcomes', 'startMs', 'endMs', 'doubled', 'details'] as const) {
        expect(row[same]).toEqual(expected[same]);
      }
    }
  });

  it('have exact sums over time, also of slots of different width', () => {
    const sums = ({ whole: { timeline } }: WorkloadResult): number[] =>
      (['due', 'ended', 'errors'] as const).map((part) => timeline.slots.reduce((sum, slot) => sum + slot[part], 0));
    expect(resultOf([one]).whole.timeline.widthMs).not.toBe(resultOf([other]).whole.timeline.widthMs);
    expect(merged.whole.timeline.widthMs).toBe(together.whole.timeline.widthMs);
    expect(sums(merged)).toEqual(sums(together));
    expect(merged.whole.timeline.slots.map(({ latencies }) => latencies)).toEqual(
      together.whole.timeline.slots.map(({ latencies }) => latencies),
    );
  });

  it('have the containers of both', () => {
    expect(merged.whole.containers).toMatchObject({ seen: 10, runs: together.whole.containers.runs });
    expect(merged.whole.containers.mostAtOnce).toBeGreaterThanOrEqual(together.whole.containers.mostAtOnce);
  });

  it('say what they are of, and are a result again', () => {
    expect(merged.remarks.join()).toContain('Merged of 2 results (a, b)');
    expect(readResult(JSON.stringify(merged), 'it')).toEqual(JSON.parse(JSON.stringify(merged)));
  });

  it('are of one workload', () => {
    expect(() => mergeResults([resultOf([one]), resultOf([other], 'three')], ['a', 'b'])).toThrow(
      'a is of the workload two, b of three.',
    );
    const simulated = { ...resultOf([one]), source: 'simulation' } as const;
    expect(() => mergeResults([resultOf([one]), simulated], ['a', 'b'])).toThrow('not both measured or both simulated');
  });
});
