// 100 actions and room for 20 containers: most calls need a container that is not there. What is served, how many containers that took, and what the driver alone can do.
//
// A miss is an answer whose record has an `initTime`: it was the first run in its container. There is a stampede when more containers are made than misses are served.
import { AgentUnderTest } from '../agent/agent-under-test.mjs';
import { errorsIn, firstErrors, rowOf } from '../context.mjs';
import { median, target } from '../figures.mjs';

const users = 16;
const memoryMb = 256;
const count = 100;
const roomFor = 20;
const popularities = { uniform: 'uniform', Zipf: { zipf: 1.1 } };

/** Containers that the agent makes and removes in a second, as many at once as memory lets the platform. */
async function driverRate(context, seconds) {
  const agent = await AgentUnderTest.start(context.children, 'process', {});
  try {
    const until = performance.now() + seconds * 1_000;
    const began = performance.now();
    let made = 0;
    const lane = async () => {
      while (performance.now() < until) {
        await agent.remove(await agent.create());
        made += 1;
      }
    };
    await Promise.all(Array.from({ length: users }, lane));
    return (made * 1_000) / (performance.now() - began);
  } finally {
    await agent.end();
  }
}

async function churned(context, env, popularity, seconds) {
  const platform = await context.ownPlatform({ NODE_MEMORY_MB: String(roomFor * memoryMb), ...env });
  const names = Array.from({ length: count }, (_, at) => `noop-${at}`);
  const load = context.load(
    { ...(await platform.actions(names)), key: `churn-${JSON.stringify([env, popularity])}` },
    {
      connections: users,
      mark: '"initTime"',
    },
  );
  await load.closed({ users, seconds: seconds / 2, popularity });
  const before = await platform.creations();
  const found = await load.closed({ users, seconds, popularity });
  const created = (await platform.creations()) - before;
  await context.endScenario();
  return { ...found, created, missesPerSecond: (found.marked * 1_000) / found.elapsedMs };
}

export const churn = {
  name: 'hundred-actions-churn',
  about: `${count} actions, room for ${roomFor} containers, ${users} connections, closed loop: misses, creations, and the driver alone`,
  isQuick: false,
  anyHost: false,
  targets: ['churn-uniform-misses-of-driver', 'churn-zipf-misses-of-driver'],
  async run(context) {
    const seconds = Math.max(2, 2 * context.seconds);
    const alone = [];
    const found = {};
    for (let round = 1; round <= context.rounds; round += 1) {
      alone.push(await driverRate(context, seconds / 2));
      for (const [name, popularity] of Object.entries(popularities))
        (found[name] ??= []).push(await churned(context, {}, popularity, seconds));
      context.say(
        `  round ${round}: driver alone ${alone.at(-1).toFixed(1)}/s, ${Object.entries(found)
          .map(([name, all]) => `${name} ${all.at(-1).missesPerSecond.toFixed(1)} misses/s`)
          .join(', ')}`,
      );
    }
    // Which policy gives the better hit rate under the same load.
    found['Zipf, RECLAIM_POLICY=greedy-dual'] = [
      await churned(context, { RECLAIM_POLICY: 'greedy-dual' }, popularities.Zipf, seconds),
    ];
    const of = (rounds, figure) => median(rounds.map((each) => each[figure]));
    const driver = median(alone);
    const rows = Object.entries(found).map(([name, rounds]) =>
      rowOf(name, rounds, {
        'misses/s': of(rounds, 'missesPerSecond'),
        'of driver': of(rounds, 'missesPerSecond') / driver,
        'hit %': median(rounds.map(({ ok, marked }) => (100 * (ok - marked)) / ok)),
        'made per miss': median(rounds.map(({ created, marked }) => created / marked)),
        'miss p50 ms': median(rounds.map(({ markedLatency }) => markedLatency.percentilesMs?.['50'] ?? NaN)),
      }),
    );
    rows.push({ what: 'driver alone, create and remove', 'misses/s': driver, 'of driver': 1 });
    const share = (name) => median(found[name].map(({ missesPerSecond }, round) => missesPerSecond / alone[round]));
    const stampede = Math.max(
      ...['uniform', 'Zipf'].map((name) => median(found[name].map(({ created, marked }) => created / marked))),
    );
    return {
      rows,
      notes: firstErrors(found),
      targets: [
        target('churn-uniform-misses-of-driver', share('uniform'), '>=', 0.6, ''),
        target('churn-zipf-misses-of-driver', share('Zipf'), '>=', 0.6, ''),
        target('churn-made-per-miss', stampede, '<=', 1.2, ''),
        target('churn-errors', errorsIn(...Object.values(found)), '<=', 0, ''),
      ],
    };
  },
};
