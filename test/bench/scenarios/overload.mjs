// Three times what the containers can do, open loop: what is accepted, how soon the rest is refused, and whether all is well as soon as it is over.
//
// The containers are the limit and not the machine: an action waits 20 ms, eight containers have room. `busy` burns a processor for 4 ms instead, so that the platform has to refuse
// while every core is taken.
//
// What refusing takes is also measured of a bare Node server that keeps as many requests for as long and refuses the rest: the share of the machine and of the driver.
import { firstErrors } from '../context.mjs';
import { target } from '../figures.mjs';

const memoryMb = 256;
const roomFor = 8;
/** How long a call may wait for a container here; the default is 60 s. */
const queueMs = 10_000;
const connections = 4_000;
/** Enough that all containers are made for them: fewer have their turn soon enough with fewer. */
const users = 8 * roomFor;
/** Waiters of one action (LIMIT_OVERFLOW_PER_KEY_COUNT) and those that run. */
const held = 1_000 + roomFor;
const windowMs = 250;
/** At this rate a driver that is never late would take one of two processors, so that the delays were those of its neighbours: it sleeps, and is late by up to 1 ms. */
const loadOptions = { connections, windowMs, slackMs: 0 };
const kinds = {
  waiting: 'function main() { return new Promise((done) => setTimeout(done, 20, { ok: true })) }',
  busy: 'function main() { const end = process.hrtime.bigint() + 4000000n; while (process.hrtime.bigint() < end); return { ok: true } }',
};

async function overloaded(context, kind, seconds) {
  const platform = await context.ownPlatform({
    NODE_MEMORY_MB: String(roomFor * memoryMb),
    LIMIT_OVERFLOW_WAIT_MS: String(queueMs),
  });
  const contender = { ...(await platform.actions([kind], { code: kinds[kind] })), key: kind };
  const load = context.load(contender, loadOptions);
  await load.closed({ users, seconds: Math.max(seconds, 2) });
  const peak = await load.closed({ users, seconds });
  const before = await load.open({ perSecond: peak.perSecond / 2, seconds });
  const during = await load.open({ perSecond: 3 * peak.perSecond, seconds: 2 * seconds });
  const after = await load.open({ perSecond: peak.perSecond / 2, seconds });
  await context.endScenario();
  return { peak, before, during, after };
}

/** The same load on a server that does nothing but hold and refuse. */
async function ofBareServer(context, { peak, during }, seconds) {
  const contender = await context.fullServer({ held, holdMs: Math.round(during.p50Ms) });
  const load = context.load(contender, loadOptions);
  await load.open({ perSecond: peak.perSecond / 2, seconds });
  const found = await load.open({ perSecond: 3 * peak.perSecond, seconds: 2 * seconds });
  await context.endScenario();
  return found;
}

const refusals = ({ refused, refusal, refusalFromSending, errors }) => ({
  refused,
  'refusal p50 ms': refusal.percentilesMs?.['50'],
  'refusal p99 ms': refusal.percentilesMs?.['99'],
  'p99 from sending': refusalFromSending.percentilesMs?.['99'],
  errors,
});

/** Answered in a second while requests came, not in the time in which the queue emptied. */
const acceptedPerSecond = ({ windows }, seconds) => {
  const full = windows.slice(2, Math.floor((seconds * 1_000) / windowMs));
  return (full.reduce((sum, { answered }) => sum + answered, 0) * 1_000) / (full.length * windowMs);
};

export const overload = {
  name: 'overload',
  about: `an action of 20 ms, ${roomFor} containers, three times as many calls as they can take; open loop`,
  isQuick: true,
  anyHost: false,
  targets: ['overload-accepted-of-peak', 'overload-accepted-p99', 'overload-refusal-p99', 'overload-recovery-p99'],
  async run(context) {
    const seconds = context.seconds;
    const rows = [];
    const notes = [];
    const found = {};
    for (const kind of context.full ? ['waiting', 'busy'] : ['waiting']) {
      const runs = (found[kind] = await overloaded(context, kind, seconds));
      for (const [when, run] of Object.entries(runs)) {
        rows.push({
          what: `${kind}, ${when}`,
          'requests/s': (run.requests * 1_000) / run.elapsedMs,
          'accepted/s': when === 'during' ? acceptedPerSecond(run, 2 * seconds) : run.perSecond,
          'p50 ms': run.p50Ms,
          'p99 ms': run.p99Ms,
          ...refusals(run),
        });
      }
      const late = runs.during.lateness.percentilesMs['99'];
      if (late > 5)
        notes.push(`${kind}: the driver itself was late, ${late.toFixed(1)} ms p99, and that is in its latencies`);
      const bare = await ofBareServer(context, runs, seconds);
      rows.push({
        what: `${kind}, bare Node server`,
        'requests/s': (bare.requests * 1_000) / bare.elapsedMs,
        'accepted/s': acceptedPerSecond(bare, 2 * seconds),
        'p50 ms': bare.p50Ms,
        'p99 ms': bare.p99Ms,
        ...refusals(bare),
      });
      notes.push(...firstErrors({ [`${kind}, during`]: [runs.during], [`${kind}, after`]: [runs.after] }));
    }
    const { peak, before, during, after } = found.waiting;
    return {
      rows,
      notes,
      charts: [chartOf(during)],
      targets: [
        target('overload-accepted-of-peak', acceptedPerSecond(during, 2 * seconds) / peak.perSecond, '>=', 0.8, ''),
        target('overload-accepted-p99', during.p99Ms, '<=', queueMs, ' ms'),
        target('overload-refusal-p99', during.refusal.percentilesMs?.['99'] ?? NaN, '<=', 5, ' ms'),
        target('overload-recovery-p99', after.p99Ms / before.p99Ms, '<=', 2, ''),
        target('overload-errors', during.errors + after.errors + after.refused, '<=', 0, ''),
      ],
    };
  },
};

const chartOf = ({ windows }) => ({
  title: 'Overload',
  x: { label: 'seconds' },
  y: { label: 'requests in a quarter of a second, by when they were due' },
  series: ['ok', 'refused', 'errors'].map((name) => ({
    name,
    points: windows.map((window) => [window.atMs / 1_000, window[name]]),
  })),
});
