// Half an hour at 70 % of capacity: memory, latency and the event loop's delay from its beginning to its end.
//
// Capacity is what is answered when more is asked for than can be, by the same open-loop driver that then takes 70 % of it. Memory after the first sixth counts: until then caches
// fill and V8 sizes its heap.
import { errorsIn, firstErrors } from '../context.mjs';
import { median, target } from '../figures.mjs';

const share = 0.7;
const users = 16;
const parts = 6;
const samplesAtLeast = 60;
const apps = ['controller', 'scheduler', 'agent'];

/** Least squares: how much a minute. */
function slopePerMinute(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const above = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return above / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

export const soak = {
  name: 'soak',
  about: `one no-op action, ${100 * share} % of capacity, open loop, for --soak-minutes`,
  isQuick: false,
  isSoak: true,
  anyHost: false,
  targets: ['soak-errors', 'soak-memory-slope', 'soak-p99-last-of-early'],
  async run(context) {
    const minutes = context.soakMinutes;
    const platform = await context.ownPlatform({});
    const contender = { ...(await platform.actions(['noop'])), key: 'soak' };
    const load = context.load(contender, { connections: 64, windowMs: (minutes * 60_000) / parts });
    // Containers are there and V8 has optimised what runs, as it will have been for nearly all of the soak.
    await load.closed({ users, seconds: Math.min(8, 4 * context.seconds) });
    const closed = await load.closed({ users, seconds: context.seconds });
    const full = await load.open({ perSecond: 1.2 * closed.perSecond, seconds: 2 * context.seconds });
    const perSecond = share * Math.min(full.perSecond, closed.perSecond);
    context.say(`  capacity ${Math.round(full.perSecond)}/s; ${minutes} minutes at ${Math.round(perSecond)}/s`);
    const samples = [];
    const began = performance.now();
    const everyMs = Math.min(5_000, (minutes * 60_000) / samplesAtLeast);
    const sample = async () => {
      const metrics = await platform.metrics();
      samples.push({
        minute: (performance.now() - began) / 60_000,
        ...platform.residentMb(),
        delayMs: 1_000 * (metrics['hearth_event_loop_delay_seconds{quantile="0.99"}'] ?? NaN),
      });
    };
    const failures = [];
    const timer = setInterval(() => void sample().catch((error) => failures.push(error.message)), everyMs);
    let found;
    try {
      found = await load.open({ perSecond, seconds: minutes * 60 });
    } finally {
      clearInterval(timer);
    }
    const late = samples.filter(({ minute }) => minute > minutes / parts);
    const sumOf = (each) => apps.reduce((sum, name) => sum + each[name], 0);
    const slope = 10 * slopePerMinute(late.map((each) => [each.minute, sumOf(each)]));
    const { windows } = found;
    const rows = windows.slice(0, parts).map(({ atMs, ok, p50Ms, p99Ms, errors, refused }) => {
      const inside = samples.filter(
        ({ minute }) => minute * 60_000 >= atMs && minute * 60_000 < atMs + (minutes * 60_000) / parts,
      );
      return {
        what: `from minute ${(atMs / 60_000).toFixed(1)}`,
        'requests/s': (ok * 1_000 * parts) / (minutes * 60_000),
        'p50 ms': p50Ms,
        'p99 ms': p99Ms,
        'loop delay p99 ms': median(inside.map(({ delayMs }) => delayMs)),
        ...Object.fromEntries(apps.map((name) => [`${name} MB`, median(inside.map((each) => each[name]))])),
        errors: errors + refused,
      };
    });
    const overTime = (name) => ({ name, points: samples.map((each) => [each.minute, each[name]]) });
    return {
      rows,
      notes: [...firstErrors({ soak: [found] }), ...failures.slice(0, 1)],
      charts: [
        { title: 'Resident memory', x: { label: 'minutes' }, y: { label: 'MB' }, series: apps.map(overTime) },
        {
          title: 'Event loop delay of the controller, p99',
          x: { label: 'minutes' },
          y: { label: 'ms' },
          series: [overTime('delayMs')],
        },
      ],
      targets: [
        target('soak-errors', errorsIn([found]), '<=', 0, ''),
        target('soak-memory-slope', slope, '<=', 1, ' MB per 10 min'),
        target('soak-p99-last-of-early', windows[parts - 1].p99Ms / windows[1].p99Ms, '<=', 1.5, ''),
      ],
    };
  },
};
