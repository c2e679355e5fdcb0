// What is measured of one driver, through the agent's REST routes: each of its operations alone, the first answer of a prewarmed container, and
// many creations at once. And the same engine's own pause and unpause, on a container that the agent does not know.
import { post } from './agent-under-test.mjs';
import { Engine } from './dockerd.mjs';

const init = {
  value: { name: 'noop', main: 'main', binary: false, code: 'function main() { return { ok: true } }', env: {} },
};
const run = { value: {}, activation_id: '0'.repeat(32), namespace: 'guest', action_name: '/guest/noop', deadline: '0' };

/** Milliseconds. */
async function time(act) {
  const begin = performance.now();
  const result = await act();
  return [performance.now() - begin, result];
}

export async function measureDriver(agent, { rounds, cycles, parallel }) {
  const times = { create: [], remove: [], prewarmed: [], suspend: [], resume: [], cycle: [] };
  // What only the first container of a node costs.
  const kept = await agent.create();
  for (let round = 0; round < rounds; round += 1) {
    const [createMs, container] = await time(() => agent.create());
    times.create.push(createMs);
    const [firstAnswerMs] = await time(async () => {
      await agent.bind(container);
      await post(container, '/init', init);
      await post(container, '/run', run);
    });
    times.prewarmed.push(firstAnswerMs);
    times.remove.push((await time(() => agent.remove(container)))[0]);
  }
  await agent.bind(kept);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const [suspendMs] = await time(() => agent.suspend(kept));
    const [resumeMs] = await time(() => agent.resume(kept));
    times.suspend.push(suspendMs);
    times.resume.push(resumeMs);
    times.cycle.push(suspendMs + resumeMs);
  }
  await agent.remove(kept);
  const [allMs, made] = await time(() => Promise.all(Array.from({ length: parallel }, () => agent.create())));
  await Promise.all(made.map((container) => agent.remove(container)));
  return { times, parallelPerSecond: (parallel * 1_000) / allMs };
}

/** The engine's API, which is quicker than its command line. */
export async function measurePause(socket, image, cycles) {
  const engine = new Engine(socket);
  const { Id } = await engine.ask('POST', '/containers/create', { Image: image, HostConfig: { NetworkMode: 'none' } });
  try {
    await engine.ask('POST', `/containers/${Id}/start`);
    const times = [];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const [ms] = await time(async () => {
        await engine.ask('POST', `/containers/${Id}/pause`);
        await engine.ask('POST', `/containers/${Id}/unpause`);
      });
      times.push(ms);
    }
    return times;
  } finally {
    await engine.ask('DELETE', `/containers/${Id}?force=true`);
    await engine.close();
  }
}
