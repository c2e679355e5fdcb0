import { planWorkload, readWorkload, WorkloadStatistics } from '#workload';
import { liveTable } from './live-table';

const { workload } = readWorkload(`
name: two
scenarios:
  - { name: one, requests: 5, arrivals: { constant: { perSecond: 1 } } }
  - { name: two, requests: 5, arrivals: { constant: { perSecond: 1 } } }`);

describe('the live table', () => {
  it('shows how much is done, and each scenario', () => {
    const statistics = new WorkloadStatistics(planWorkload(workload!));
    for (let at = 0; at < 4; at += 1)
      statistics.record(0, { intendedMs: at, sentMs: at, endedMs: at + 12, outcome: at === 0 ? 'lost' : 'ok' });
    const lines = liveTable({ phase: 'running', share: 0.5, elapsedMs: 2_000, statistics }, 120).split('\n');
    expect(lines[0]).toMatch(/^\[█{20} {20}\] 50 % running, 2\.00 s$/);
    expect(lines[2]).toMatch(/^one +4 +3 +1 +1\.50 +12\.0 +12\.0 +0$/);
    expect(lines).toHaveLength(5);
  });

  it('never wraps', () => {
    const statistics = new WorkloadStatistics(planWorkload(workload!));
    const text = liveTable({ phase: 'running', share: 2, elapsedMs: 0, statistics }, 40);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThan(40);
    expect(text).not.toMatch(/NaN|Infinity/);
  });
});
