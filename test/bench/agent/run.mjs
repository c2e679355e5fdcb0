// The bench of the agent: every driver that works here, one after the other on the same machine in one run, and its targets.
//
// Guarantees: a driver that cannot be measured is named with the reason; every process that it started has ended when it returns, also after
// Ctrl-C or an error; it never fails because of a figure.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readKinds } from '../../../tools/images/kinds.mjs';
import { withChildren } from '../children.mjs';
import { engineOrReason, makeImages } from '../drivers.mjs';
import { median, target } from '../figures.mjs';
import { busyBefore, finish, measureEach, wanted } from '../frame.mjs';
import { AgentUnderTest } from './agent-under-test.mjs';
import { measureDriver, measurePause } from './measure.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/hearth-images');
const drivers = ['process', 'docker', 'runc'];
/** The engine is slow at it. */
const pauseCyclesMax = 20;

export async function runAgentBench({ rounds, cycles, parallel, only, json, say }) {
  const names = wanted(drivers, only, 'driver');
  const busy = await busyBefore(say);
  let pause;
  const { measured, missing } = await withChildren(async (children) => {
    const images = names.some((name) => name !== 'process') ? makeImages({}) : cache;
    const engine = names.includes('docker') ? await engineOrReason(children) : undefined;
    try {
      return await measureEach(names, async (name) => {
        if (name === 'docker' && engine?.reason !== undefined) throw new Error(engine.reason);
        const agent = await AgentUnderTest.start(children, name, { images, socket: engine?.socket });
        let driver;
        try {
          driver = await measureDriver(agent, { rounds, cycles, parallel });
        } finally {
          await agent.end();
        }
        if (name === 'docker')
          pause = await measurePause(engine.socket, readKinds(root)[0].image, Math.min(cycles, pauseCyclesMax));
        return driver;
      });
    } finally {
      await engine?.end?.();
    }
  });
  if (Object.keys(measured).length === 0) {
    throw new Error(
      `nothing could be measured (${Object.entries(missing)
        .map((each) => each.join(': '))
        .join('; ')})`,
    );
  }
  say(table(measured));
  for (const [name, reason] of Object.entries(missing)) say(`${name}: not measured, ${reason}`);
  if (pause) {
    const [commands, api] = [median(pause.commands), median(pause.api)];
    say(
      `docker pause + docker unpause: ${commands.toFixed(2)} ms as commands, ${api.toFixed(2)} ms by the engine's API`,
    );
    for (const [name, { times }] of Object.entries(measured)) {
      const both = median(times.cycle);
      say(
        `${name}: suspend + resume is ${(both / commands).toFixed(3)} of the commands, ${(both / api).toFixed(3)} of the API`,
      );
    }
  }
  for (const [name, { times }] of Object.entries(measured)) {
    if (times.wipe.length === 0) continue;
    const share = median(times.wipe) / (median(times.remove) + median(times.create));
    say(`${name}: wiping a used container is ${share.toFixed(2)} of removing it and creating another`);
  }
  finish({ json, say, busy, measured, missing, pause, targets: targetsOf(measured, pause) });
}

/** Of all drivers that isolate, the worst counts. */
function targetsOf(measured, pause) {
  const of = (name, figure) => median(measured[name]?.times[figure] ?? []);
  const isolating = ['docker', 'runc'].filter((name) => name in measured);
  const worst = (figure) => (isolating.length === 0 ? NaN : Math.max(...isolating.map((name) => of(name, figure))));
  return [
    target('agent-suspend-resume-of-docker-pause', worst('cycle') / median(pause?.commands ?? []), '<=', 0.05, ''),
    target('agent-runc-create-of-docker', of('runc', 'create') / of('docker', 'create'), '<=', 0.5, ''),
    target('agent-prewarmed-p50', worst('prewarmed'), '<=', 60, ' ms'),
  ];
}

const columns = {
  'create ms': ({ times }) => median(times.create).toFixed(1),
  'p99 ms': ({ times }) => times.create.toSorted((a, b) => a - b)[Math.ceil(times.create.length * 0.99) - 1].toFixed(1),
  'remove ms': ({ times }) => median(times.remove).toFixed(1),
  'wipe ms': ({ times }) => (times.wipe.length > 0 ? median(times.wipe).toFixed(1) : '-'),
  'prewarmed ms': ({ times }) => median(times.prewarmed).toFixed(1),
  'suspend ms': ({ times }) => median(times.suspend).toFixed(2),
  'resume ms': ({ times }) => median(times.resume).toFixed(2),
  'both ms': ({ times }) => median(times.cycle).toFixed(2),
  'creates/s': ({ parallelPerSecond }) => parallelPerSecond.toFixed(1),
};

function table(measured) {
  const head = ['driver', ...Object.keys(columns)];
  const rows = Object.entries(measured).map(([name, each]) => [
    name,
    ...Object.values(columns).map((cell) => cell(each)),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [head, ...rows].map((row) => row.map((cell, column) => cell.padStart(widths[column])).join('  ')).join('\n');
}
