// Cold starts at a fixed rate, each of an action of its own: with stem cells, which run out as the rate grows, and without.
import { errorsIn, firstErrors } from '../context.mjs';
import { target } from '../figures.mjs';

const rates = [1, 2, 5, 10, 20];
const seconds = 4;
const requestsLeast = 5;

export const coldRates = {
  name: 'cold-rates',
  about: `${rates.join(', ')} first calls a second, with and without prewarming; process driver, open loop`,
  isQuick: false,
  anyHost: false,
  targets: ['cold-rates-errors'],
  async run(context) {
    const platform = await context.ownPlatform({ NODE_MEMORY_MB: '16384' });
    const rows = [];
    const found = {};
    for (const [what, memoryMb] of [
      ['prewarmed', 256],
      ['no stem cells', 128],
    ]) {
      for (const perSecond of rates) {
        const requests = Math.max(requestsLeast, perSecond * seconds);
        const names = Array.from({ length: requests }, (_, at) => `rate-${memoryMb}-${perSecond}-${at}`);
        const load = context.load({ ...(await platform.actions(names, { memoryMb })), key: `${what}-${perSecond}` });
        const run = await load.open({ perSecond, requests, popularity: 'roundRobin' });
        found[`${what}, ${perSecond}/s`] = [run];
        rows.push({
          what: `${what}, ${perSecond}/s`,
          requests,
          'p50 ms': run.p50Ms,
          'p99 ms': run.p99Ms,
          'max ms': run.latency.maxMs,
          errors: run.errors + run.refused,
        });
      }
    }
    const line = (what) => ({
      name: what,
      points: rates.map((rate) => [rate, found[`${what}, ${rate}/s`][0].p50Ms]),
    });
    return {
      rows,
      notes: firstErrors(found),
      charts: [
        {
          title: 'First calls by rate',
          x: { label: 'first calls a second' },
          y: { label: 'p50, ms' },
          series: [line('prewarmed'), line('no stem cells')],
        },
      ],
      targets: [target('cold-rates-errors', errorsIn(...Object.values(found)), '<=', 0, '')],
    };
  },
};
