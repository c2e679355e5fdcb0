// Many actions instead of one, with as many connections: what the platform loses, beside what nginx loses when it spreads over as many containers.
import { errorsIn, firstErrors, ratioOf, rowOf } from '../context.mjs';
import { median, target } from '../figures.mjs';

const users = 16;
const memoryMb = 256;

/** Measured: a run costs a container 50 to 200 µs until V8 has optimised it, for 2,000 to 4,000 runs, and 15 µs from then on. */
const runsToWarm = 4_000;
/** Containers that the platform makes of an action that 16 call, and of one among several. */
const containersAlone = 4;
const containersEach = 2;

/** Before anything counts, every container of every contender has had as many runs, or `warmUpSecondsMost` are over. */
async function spread(context, { count, roomFor, warmUpSecondsMost }) {
  const platform = await context.ownPlatform({ NODE_MEMORY_MB: String(roomFor * memoryMb) });
  const all = await platform.actions(Array.from({ length: count }, (_, at) => `noop-${at}`));
  const bare = await context.runtime();
  const bares = await context.runtimes(count, { overlaps: true });
  const contenders = {
    'Hearth, 1 action': { ...all, key: 'hearth-one', requests: all.requests.slice(0, 1) },
    [`Hearth, ${count} actions`]: { ...all, key: 'hearth-all' },
    'nginx, 1 bare container': await context.nginx(bare),
    [`nginx, ${count} bare containers`]: await context.nginx(bares, { spread: 'random' }),
  };
  const containersOf = {
    'Hearth, 1 action': containersAlone,
    [`Hearth, ${count} actions`]: Math.min(roomFor, containersEach * count),
    [`nginx, ${count} bare containers`]: count,
  };
  const acts = {};
  for (const [name, contender] of Object.entries(contenders)) {
    if (contender === undefined) continue;
    const load = context.load(contender, { connections: users });
    await load.closed({ users, seconds: warmUpSecondsMost, requests: runsToWarm * (containersOf[name] ?? 1) });
    acts[name] = () => load.closed({ users, seconds: context.seconds });
  }
  const before = await platform.creations();
  const found = await context.inRounds(acts);
  const made = (await platform.creations()) - before;
  const containers = await platform.containers();
  const kept = ratioOf(found[`Hearth, ${count} actions`], found['Hearth, 1 action']);
  const nginxKept = ratioOf(found[`nginx, ${count} bare containers`], found['nginx, 1 bare container']);
  const rows = Object.entries(found).map(([name, rounds]) =>
    rowOf(name, rounds, {
      'of 1': ratioOf(rounds, found[name.startsWith('Hearth') ? 'Hearth, 1 action' : 'nginx, 1 bare container']),
      'of nginx, 1': ratioOf(rounds, found['nginx, 1 bare container']),
    }),
  );
  const notes = [
    `containers at the end: ${containers?.owned} of actions, ${containers?.all} in all; ${made} were made while it was measured`,
    ...firstErrors(found),
  ];
  const errors = errorsIn(found['Hearth, 1 action'], found[`Hearth, ${count} actions`]);
  return { rows, notes, kept, nginxKept, errors };
}

export const tenActions = {
  name: 'ten-actions',
  about: `10 actions, uniform, room for 20 containers, ${users} connections, closed loop`,
  isQuick: true,
  anyHost: true,
  targets: ['ten-actions-of-one'],
  async run(context) {
    const warmUpSecondsMost = 10 * context.seconds;
    const { rows, notes, kept, errors } = await spread(context, { count: 10, roomFor: 20, warmUpSecondsMost });
    return {
      rows,
      notes,
      targets: [target('ten-actions-of-one', kept, '>=', 0.85, ''), target('ten-actions-errors', errors, '<=', 0, '')],
    };
  },
};

export const hundredActions = {
  name: 'hundred-actions',
  about: `100 actions, uniform, room for all, ${users} connections, closed loop`,
  isQuick: false,
  anyHost: true,
  targets: ['hundred-actions-of-one'],
  async run(context) {
    const warmUpSecondsMost = 20 * context.seconds;
    const { rows, notes, kept, nginxKept, errors } = await spread(context, {
      count: 100,
      roomFor: 160,
      warmUpSecondsMost,
    });
    const allowed = median([kept / Math.min(1, nginxKept)]);
    return {
      rows,
      notes: [
        `Hearth keeps ${kept.toFixed(2)} of the throughput of one action, nginx ${nginxKept.toFixed(2)} of that of one container`,
        ...notes,
      ],
      targets: [
        target('hundred-actions-of-one', allowed, '>=', 0.9, ''),
        target('hundred-actions-errors', errors, '<=', 0, ''),
      ],
    };
  },
};
