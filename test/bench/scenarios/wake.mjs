// The call after a rest: the container is warm, suspended, or has been removed. At one and the same rate: one action is called every 100 ms, or four in turn, so that each rests for longer
// than the suspend grace.
import { errorsIn, firstErrors, rowOf } from '../context.mjs';
import { target } from '../figures.mjs';

const perSecond = 10;
const requests = 100;
const actions = 4;
const graceMs = 250;
const removal = { afterMs: 1_000, perSecond: 2, requests: 20 };

async function ofDriver(context, driver) {
  const { env, images } = await context.driver(driver);
  const platform = await context.ownPlatform({ ...env, LIMIT_SUSPEND_GRACE_MS: String(graceMs) }, images);
  const all = {
    ...(await platform.actions(Array.from({ length: actions }, (_, at) => `wake-${at}`))),
    key: `${driver}-all`,
  };
  const one = { ...all, key: `${driver}-one`, requests: all.requests.slice(0, 1) };
  const calls = (contender, most) =>
    context.load(contender).open({ perSecond, requests: most, popularity: 'roundRobin' });
  await calls(all, 3 * actions);
  await calls(one, 2 * perSecond);
  const before = await platform.metrics('agent');
  const warm = await calls(one, requests);
  const between = await platform.metrics('agent');
  const suspended = await calls(all, requests);
  const after = await platform.metrics('agent');
  const resumed = (from, to) => sumOf(to) - sumOf(from);
  await context.endScenario();
  return { warm, suspended, resumedWarm: resumed(before, between), resumed: resumed(between, after) };
}

/** Suspensions that the agent has counted. */
const sumOf = (metrics) =>
  Object.entries(metrics).reduce(
    (sum, [name, value]) => (name.startsWith('hearth_agent_suspensions_total') ? sum + value : sum),
    0,
  );

async function afterRemoval(context) {
  const platform = await context.ownPlatform({
    LIMIT_IDLE_REMOVAL_MS: String(removal.afterMs),
    LIMIT_SUSPEND_GRACE_MS: String(graceMs),
  });
  const names = Array.from({ length: actions }, (_, at) => `gone-${at}`);
  const load = context.load({ ...(await platform.actions(names)), key: 'gone' }, { mark: '"initTime"' });
  const found = await load.open({ perSecond: removal.perSecond, requests: removal.requests, popularity: 'roundRobin' });
  await context.endScenario();
  return found;
}

export const wake = {
  name: 'wake',
  about: `the call after a rest, by driver: warm, suspended, removed; open loop at ${perSecond} requests/s`,
  isQuick: false,
  anyHost: false,
  targets: ['suspended-added-docker', 'suspended-added-process', 'suspended-added-runc'],
  async run(context) {
    const found = {};
    const notes = [];
    const targets = [];
    for (const driver of ['process', 'docker', 'runc']) {
      let added = NaN;
      try {
        const { warm, suspended, resumed, resumedWarm } = await ofDriver(context, driver);
        found[`${driver}, warm`] = [warm];
        found[`${driver}, suspended`] = [suspended];
        added = suspended.p50Ms - warm.p50Ms;
        notes.push(
          `${driver}: ${resumed} suspensions while ${requests} calls woke a container, ${resumedWarm} beside the warm ones`,
        );
      } catch (error) {
        notes.push(`${driver} is not measured: ${error.message}`);
        await context.endScenario();
      }
      targets.push(target(`suspended-added-${driver}`, added, '<=', 2, ' ms'));
    }
    const gone = (found['process, removed (a stem cell takes its place)'] = [await afterRemoval(context)]);
    notes.push(`of the removed ones ${gone[0].marked} of ${gone[0].ok} calls had to be initialised`);
    const rows = Object.entries(found).map(([name, runs]) => {
      const row = rowOf(name, runs);
      delete row['requests/s'];
      return row;
    });
    return {
      rows,
      notes: [...notes, ...firstErrors(found)],
      targets: [...targets, target('wake-errors', errorsIn(...Object.values(found)), '<=', 0, '')],
    };
  },
};
