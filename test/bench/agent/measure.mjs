// What is measured of one driver, through the agent's REST routes: each of its operations alone, the first answer of a prewarmed container, and
// many creations at once. And the same engine's own pause and unpause, on a container that the agent does not know.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { post } from './agent-under-test.mjs';
import { Engine } from './dockerd.mjs';

const run = promisify(execFile);

const init = {
  value: { name: 'noop', main: 'main', binary: false, code: 'function main() { return { ok: true } }', env: {} },
};
const firstRun = {
  value: {},
  activation_id: '0'.repeat(32),
  namespace: 'guest',
  action_name: '/guest/noop',
  deadline: '0',
};

/** Milliseconds. */
async function time(act) {
  const begin = performance.now();
  const result = await act();
  return [performance.now() - begin, result];
}

export async function measureDriver(agent, { rounds, cycles, parallel }) {
  const times = { create: [], remove: [], wipe: [], prewarmed: [], suspend: [], resume: [], cycle: [] };
  // What only the first container of a node costs.
  const kept = await agent.create();
  for (let round = 0; round < rounds; round += 1) {
    const [createMs, container] = await time(() => agent.create());
    times.create.push(createMs);
    const [firstAnswerMs] = await time(async () => {
      await agent.bind(container);
      await post(container, '/init', init);
      await post(container, '/run', firstRun);
    });
    times.prewarmed.push(firstAnswerMs);
    if (agent.wipes) times.wipe.push((await time(() => agent.reuse(container)))[0]);
    times.remove.push((await time(() => agent.remove(container)))[0]);
  }
  await agent.bind(kept);
  // An agent that has just begun takes several times as long, until V8 has optimised what it runs.
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await agent.suspend(kept);
    await agent.resume(kept);
  }
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

/** The commands as they are written in a shell, and the engine's API, which is what they take the longer way to. */
export async function measurePause(socket, image, cycles) {
  const engine = new Engine(socket);
  const { Id } = await engine.ask('POST', '/containers/create', { Image: image, HostConfig: { NetworkMode: 'none' } });
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DOCKER_HOST: `unix://${socket}` };
  const command = (verb) => run('docker', [verb, Id], { env });
  const call = (verb) => engine.ask('POST', `/containers/${Id}/${verb}`);
  const times = { commands: [], api: [] };
  try {
    await call('start');
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      for (const [name, act] of [
        ['commands', command],
        ['api', call],
      ]) {
        const [ms] = await time(async () => {
          await act('pause');
          await act('unpause');
        });
        times[name].push(ms);
      }
    }
    return times;
  } finally {
    await engine.ask('DELETE', `/containers/${Id}?force=true`);
    await engine.close();
  }
}
