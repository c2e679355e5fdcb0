// The first call of an action, by driver: where a stem cell waits, where none does, and 20 of them at once. Each request has an action of its own.
import { errorsIn, firstErrors, rowOf } from '../context.mjs';
import { median, target } from '../figures.mjs';

/** Memory that has stem cells by the manifest, and one that has none. */
const [prewarmedMb, coldMb] = [256, 128];
const burstSize = 20;
/** So slow that a stem cell that was taken is there again. */
const perSecond = { process: 2, runc: 2, docker: 1 };

async function ofDriver(context, driver, requests) {
  const { env, images } = await context.driver(driver);
  const platform = await context.ownPlatform({ ...env, NODE_MEMORY_MB: '16384' }, images);
  const own = async (what, size, memoryMb) => {
    const names = Array.from({ length: size }, (_, at) => `first-${what}-${at}`);
    return { ...(await platform.actions(names, { memoryMb })), key: `${driver}-${what}` };
  };
  // What only the first container of a node costs, and the first turns of the apps.
  await context.load(await own('before', 5, coldMb)).burst({ size: 5 });
  const calls = async (what, memoryMb) => {
    const load = context.load(await own(what, requests, memoryMb));
    return load.open({ perSecond: perSecond[driver], requests, popularity: 'roundRobin' });
  };
  const prewarmed = await calls('prewarmed', prewarmedMb);
  const cold = await calls('cold', coldMb);
  const burst = await context.load(await own('burst', burstSize, coldMb)).burst({ size: burstSize });
  await context.endScenario();
  return { prewarmed, cold, burst };
}

export const firstCalls = {
  name: 'first-calls',
  about: `first call of an action: prewarmed (${prewarmedMb} MB), cold (${coldMb} MB), and ${burstSize} at once; open loop`,
  isQuick: true,
  anyHost: false,
  targets: ['prewarmed-p50-process', 'cold-p50-process', 'cold-runc-of-docker'],
  async run(context) {
    const requests = context.full ? 15 : 10;
    const rounds = {};
    const notes = [];
    // Medians of three runs where it is quick; an engine is measured once, by the same number of calls.
    for (const driver of context.full ? ['process', 'docker', 'runc'] : ['process']) {
      try {
        const runs = driver === 'process' && context.full ? Math.min(2, context.rounds) : 1;
        for (let run = 0; run < runs; run += 1) (rounds[driver] ??= []).push(await ofDriver(context, driver, requests));
      } catch (error) {
        notes.push(`${driver} is not measured: ${error.message}`);
        await context.endScenario();
      }
    }
    const all = Object.entries(rounds).flatMap(([driver, runs]) =>
      ['prewarmed', 'cold', 'burst'].map((what) => [
        `${driver}, ${what === 'burst' ? `${burstSize} at once` : what}`,
        runs.map((run) => run[what]),
      ]),
    );
    const rows = all.map(([name, runs]) => {
      const row = rowOf(name, runs);
      delete row['requests/s'];
      return { ...row, 'max ms': median(runs.map(({ latency }) => latency.maxMs ?? NaN)) };
    });
    const p50 = (driver, what) => median((rounds[driver] ?? []).map((run) => run[what].p50Ms));
    return {
      rows,
      notes: [...notes, ...firstErrors(Object.fromEntries(all))],
      targets: [
        target('prewarmed-p50-process', p50('process', 'prewarmed'), '<=', 40, ' ms'),
        target('cold-p50-process', p50('process', 'cold'), '<=', 150, ' ms'),
        ...(context.full
          ? [target('cold-runc-of-docker', p50('runc', 'cold') / p50('docker', 'cold'), '<=', 0.5, '')]
          : []),
        target('first-calls-errors', errorsIn(...all.map(([, runs]) => runs)), '<=', 0, ''),
      ],
    };
  },
};
