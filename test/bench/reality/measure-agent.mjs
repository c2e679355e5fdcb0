// What each operation on a container takes alone, and how much processor time of that: at an agent with the process driver, with the action of workloads.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentUnderTest, post } from '../agent/agent-under-test.mjs';
import { root } from '../scheduler/root.mjs';
import { processorMs } from './processor-time.mjs';

export const sleepMs = 5;
const rounds = 25;
const freezes = 150;
const runs = 200;
/** Requests that come one by one find no warm caches, as those of a workload. */
const betweenMs = 15;
const restMs = 40;

const code = readFileSync(`${root}/workloads/action.js`, 'utf8');
const init = { value: { name: 'work', main: 'main', binary: false, code, env: {} } };
const run = {
  value: { i: 'x', w: [{ sleepMs }] },
  activation_id: '0'.repeat(32),
  namespace: 'guest',
  action_name: '/guest/work',
  deadline: '0',
};

/** By operation: `times` (milliseconds each) and `busyMs` (processor time of all). */
export async function measureAgent(children) {
  const agent = await AgentUnderTest.start(children, 'process', { images: children.makeDirectory('images') });
  const operations = {};
  const { pid } = agent.child.child;
  const timed = async (name, act, afterwardsMs = 0) => {
    const operation = (operations[name] ??= { times: [], busyMs: 0 });
    const before = processorMs(pid);
    const from = performance.now();
    const result = await act();
    operation.times.push(performance.now() - from);
    if (afterwardsMs > 0) await sleep(afterwardsMs);
    operation.busyMs += processorMs(pid) - before;
    return result;
  };
  try {
    // What only the first container of a node costs, and what V8 has to learn.
    for (let round = 0; round < 3; round += 1) await agent.remove(await agent.create());
    for (let round = 0; round < rounds; round += 1) {
      const container = await timed('create', () => agent.create(), restMs);
      await agent.bind(container);
      await timed('init', () => post(container, '/init', init));
      await timed('firstRun', () => post(container, '/run', run), restMs);
      await timed('remove', () => agent.remove(container), restMs);
    }
    const kept = await agent.create();
    await agent.bind(kept);
    await post(kept, '/init', init);
    for (let at = 0; at < runs; at += 1) await timed('run', () => post(kept, '/run', run), betweenMs);
    for (let at = 0; at < freezes; at += 1) {
      await timed('suspend', () => agent.suspend(kept));
      await timed('resume', () => agent.resume(kept));
    }
    await agent.remove(kept);
  } finally {
    await agent.end();
  }
  return operations;
}
