// Keep-alive counted on arrivals alone: cold starts and waste that can be reckoned by hand.
import { planWorkload, readWorkload, type Plan } from '#workload';
import { countKeepAlive, fixedKeeper, hybridKeeper } from './keep-alive-count';

/** One action of 512 MB, called every half an hour for ten hours, for no time. */
function planOf(): Plan {
  const { workload } = readWorkload(`
name: timer
scenarios:
  - { name: timer, requests: 20, durationMs: 36000000, actions: { memoryMb: 512 }, arrivals: { bursts: { size: 1, everyMs: 1800000 } } }`);
  return planWorkload(workload!);
}

it('keeps for a fixed time', () => {
  const short = countKeepAlive(planOf(), 'short', 'fixed', () => fixedKeeper(10));
  expect(short.coldShare).toBe(1);
  // Ten minutes of half a gigabyte after each of twenty.
  expect(short.wastedGbS).toBeCloseTo(20 * 10 * 60 * 0.5);
  const long = countKeepAlive(planOf(), 'long', 'fixed', () => fixedKeeper(31));
  expect(long.coldShare).toBe(0.05);
  expect(long.coldThirdQuartile).toBe(0.05);
  expect(long.wastedGbS).toBeCloseTo(20 * 30 * 60 * 0.5);
});

it('learns when the next call comes, and with loading ahead wastes only the margin', () => {
  const kept = countKeepAlive(planOf(), 'kept', 'hybrid', () => hybridKeeper(false));
  const loaded = countKeepAlive(planOf(), 'loaded', 'hybrid', () => hybridKeeper(true));
  // The first, and those after which fewer than five times were known.
  expect(kept.coldShare).toBe(6 / 20);
  expect(loaded.coldShare).toBe(6 / 20);
  // Loaded after 27 minutes, three before the call.
  expect(loaded.wastedGbS).toBeLessThan(kept.wastedGbS / 3);
});
