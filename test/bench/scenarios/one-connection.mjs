// What the platform adds to one request at a time: open loop over one connection, latency from when a request was due.
import { errorsIn, firstErrors, ratioOf, rowOf } from '../context.mjs';
import { target } from '../figures.mjs';

const perSecond = 250;
const added = (above, below) => above - below;

export const oneConnection = {
  name: 'one-connection',
  about: `one no-op action, one connection, open loop at ${perSecond} requests/s`,
  isQuick: true,
  anyHost: true,
  targets: ['hearth-p50-added-at-1', 'hearth-p99-added-at-1'],
  async run(context) {
    const single = await context.runtime();
    const platform = await context.platform();
    const contenders = {
      'bare container': single,
      'nginx, bare container': await context.nginx(single),
      Hearth: { ...(await platform.actions(['noop'])), key: 'hearth' },
    };
    const acts = {};
    for (const [name, contender] of Object.entries(contenders)) {
      if (contender === undefined) continue;
      const load = context.load(contender, { connections: 1 });
      await load.closed({ users: 1, seconds: Math.min(3, context.seconds) });
      acts[name] = () => load.open({ perSecond, seconds: 2 * context.seconds });
    }
    const found = await context.inRounds(acts);
    const bare = found['bare container'];
    const rows = Object.entries(found).map(([name, rounds]) =>
      rowOf(name, rounds, {
        'p50 added ms': ratioOf(rounds, bare, 'p50Ms', added),
        'p99 added ms': ratioOf(rounds, bare, 'p99Ms', added),
      }),
    );
    return {
      rows,
      notes: firstErrors(found),
      targets: [
        target('hearth-p50-added-at-1', ratioOf(found.Hearth, bare, 'p50Ms', added), '<=', 0.35, ' ms'),
        target('hearth-p99-added-at-1', ratioOf(found.Hearth, bare, 'p99Ms', added), '<=', 1.5, ' ms'),
        target('hearth-errors-at-1', errorsIn(found.Hearth), '<=', 0, ''),
      ],
    };
  },
};
