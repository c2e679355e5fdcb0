// The whole scheduler as a process of its own, with real gRPC and HTTP, between simulated controllers and agents in this process.
import { join } from 'node:path';
import { freePorts } from '../children.mjs';
import { ModelAgents } from './model-agents.mjs';
import { ModelController } from './model-controllers.mjs';
import { root } from './root.mjs';

export const creationMs = 40;
const agentCount = 16;
const controllerCount = 4;
const readyMs = 20_000;
const tickMs = 1;

/** Grants per second at that rate of demands, and how long a demand waits for its grant. */
export async function benchGrants({ children, rate, seconds, warmUpSeconds, say }) {
  const secrets = Object.fromEntries(
    ['CLUSTER_SECRET', 'AGENT_TOKEN', 'ADMIN_TOKEN'].map((name) => [name, `bench-${name.toLowerCase()}`]),
  );
  const [port, adminPort] = await freePorts(2);
  const scheduler = `127.0.0.1:${port}`;
  const env = {
    ...secrets,
    HEARTH_DATA_DIR: children.makeDirectory('data'),
    SCHEDULER_LISTEN: scheduler,
    ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    KINDS: 'nodejs:20',
    LOG_LEVEL: 'warn',
  };
  const entry = children.start(process.execPath, [join(root, 'dist/apps/scheduler/src/main.js')], { env });
  await children.listening(entry, port, 'the scheduler');
  const common = { scheduler, clusterSecret: secrets.CLUSTER_SECRET };
  const agents = new ModelAgents({ ...common, count: agentCount, creationMs });
  const controllers = [];
  try {
    await agents.start(readyMs);
    for (let at = 0; at < controllerCount; at += 1) {
      controllers.push(new ModelController({ ...common, id: `controller${at}` }));
    }
    await Promise.all(controllers.map(({ welcomed }) => welcomed));
    await placeable(controllers);
    say(`asking for ${rate} containers a second, ${warmUpSeconds} s to warm up and ${seconds} s to measure`);
    await drive(controllers, rate, warmUpSeconds);
    for (const controller of controllers) controller.latencies = [];
    const took = await drive(controllers, rate, seconds);
    return figuresOf(controllers, rate, took);
  } catch (error) {
    throw new Error(`${error.message}\n${entry.printed()}`, { cause: error });
  } finally {
    for (const controller of controllers) controller.stop();
    await agents.stop();
  }
}

/** Until each was granted one, so that every agent has been heard of and every connection is open. */
async function placeable(controllers) {
  for (const controller of controllers) controller.ask(performance.now());
  const until = performance.now() + readyMs;
  while (controllers.some(({ waiting }) => waiting > 0)) {
    if (performance.now() > until) throw new Error(`the scheduler granted nothing within ${readyMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks in turn, each demand when it is due. Answers how long it took, in seconds. */
function drive(controllers, rate, seconds) {
  const began = performance.now();
  let asked = 0;
  return new Promise((resolve) => {
    const ticking = setInterval(() => {
      const passed = (performance.now() - began) / 1_000;
      const due = Math.floor(Math.min(passed, seconds) * rate);
      for (; asked < due; asked += 1) {
        controllers[asked % controllers.length].ask(began + ((asked + 1) / rate) * 1_000);
      }
      if (passed < seconds) return;
      clearInterval(ticking);
      resolve(passed);
    }, tickMs);
  });
}

function figuresOf(controllers, rate, seconds) {
  const sorted = controllers.flatMap(({ latencies }) => latencies).sort((left, right) => left - right);
  const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return {
    rate,
    seconds,
    grantsPerSecond: sorted.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    mostMs: quantile(1),
    skipped: controllers.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}
