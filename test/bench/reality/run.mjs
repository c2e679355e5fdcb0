// The simulation against reality: measures what each operation takes on this machine, runs workload files on the real platform with the process driver, and
// simulates the very same files with the measured durations.
//
// Guarantees: what is simulated is decided by what was measured before the workloads ran, and by their files alone; every process that it started has ended
// when it returns, also after Ctrl-C or an error; it never fails because of a figure.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { withChildren } from '../children.mjs';
import { median, targetLine } from '../figures.mjs';
import { busyShare, busyShareMax, machine } from '../machine.mjs';
import { root } from '../scheduler/root.mjs';
import { figuresOf, measuredParts, realityTable, targetsOf } from './figures.mjs';
import { measureAgent, sleepMs } from './measure-agent.mjs';
import { measurePlatform } from './measure-platform.mjs';
import { runForReal, withPlatform } from './platform.mjs';

/** With the memory of the node. */
const workloads = { hundred: 5_120, wild: 4_096, bursts: 5_120 };
const fileOf = (name) => join(root, 'test/bench/reality', `${name}.yaml`);

export async function runRealityBench({ json, only, say }) {
  const unknown = only?.find((name) => !Object.hasOwn(workloads, name));
  if (unknown !== undefined)
    throw new Error(`there is no workload "${unknown}"; choose of ${Object.keys(workloads).join(', ')}`);
  const wanted = Object.keys(workloads).filter((name) => only?.includes(name) ?? true);
  const otherShare = await busyShare();
  if (otherShare > busyShareMax) say(`the machine is ${Math.round(otherShare * 100)} % busy with other things`);
  const { agent, platform, results } = await withChildren(async (children) => {
    say('measuring containers, then the platform');
    const agent = await measureAgent(children);
    const platform = await withPlatform(children, workloads.hundred, measurePlatform);
    const results = {};
    for (const name of wanted) {
      say(`running ${name}`);
      results[name] = await withPlatform(children, workloads[name], (real) => runForReal(children, real, fileOf(name)));
    }
    return { agent, platform, results };
  });
  const parts = measuredParts({ agent, platform, cores: availableParallelism(), sleepMs });
  say(partsText(parts));
  const rows = wanted.map((name) => ({
    name,
    real: figuresOf(results[name]),
    simulated: figuresOf(simulate(fileOf(name), workloads[name], parts)),
  }));
  const targets = targetsOf(rows);
  say(`\n${realityTable(rows)}\n`);
  for (const each of targets) say(targetLine(each));
  if (json === undefined) return;
  const document = { machine: machine(), otherShare, ...parts, agent, platform, rows, targets };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

/** As `hearth simulate` does it; answers the result. */
export function simulate(file, nodeMemoryMb, { times, busy }) {
  const require = createRequire(import.meta.url);
  const { usualCluster, WorkloadCluster } = require(`${root}/dist/test/simulation/workload-cluster.js`);
  const { fittedTimings } = require(`${root}/dist/test/simulation/fitted-timings.js`);
  const { findWorkload, planOf } = require(`${root}/dist/libs/workload-command/src/index.js`);
  const plan = planOf(findWorkload(file), undefined);
  const cores = availableParallelism();
  const cluster = new WorkloadCluster(plan, {
    ...usualCluster,
    cores,
    nodeMemoryMb,
    timings: fittedTimings(times, busy),
  });
  cluster.finish();
  const { statistics, elapsedMs } = cluster.run;
  return statistics.toResult({ source: 'simulation', target: 'a node like this one', elapsedMs, isPartial: false });
}

function partsText({ times, busy }) {
  const shares = { ...busy, suspend: busy.freeze, resume: busy.freeze, platform: busy.way, firstRun: busy.run };
  const parts = Object.entries(times).map(
    ([name, all]) => `${name} ${median(all).toFixed(2)} ms (${Math.round(100 * shares[name])} % busy)`,
  );
  return `alone: ${parts.join(', ')}; ${busy.cores.toFixed(2)} cores are left for it`;
}
