// Both benches of the scheduler, one after the other, and their targets.
//
// Guarantees: every process that it started has ended when it returns, also after Ctrl-C or an error; it never fails because of a figure.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { withChildren } from '../children.mjs';
import { target, targetLine } from '../figures.mjs';
import { busyShare, busyShareMax, machine } from '../machine.mjs';
import { benchGrants, creationMs } from './grants-bench.mjs';
import { benchPool, fullSize } from './pool-bench.mjs';
import { root } from './root.mjs';

const { placements, reclaimOrders } = createRequire(`${root}/package.json`)(
  './dist/apps/scheduler/src/core/policies.js',
);

/** Until V8 has optimised what it runs. */
const warmUpSecondsMax = 5;

function refuseUnknown(policies) {
  for (const [what, known] of Object.entries({ placement: placements, reclaim: reclaimOrders })) {
    const name = policies[what];
    if (name === undefined || name in known) continue;
    throw new Error(`there is no ${what} policy "${name}"; choose one of ${Object.keys(known).join(', ')}`);
  }
}

export async function runSchedulerBench({ seconds, rate, demands, rounds, share, policies, json, only, say }) {
  refuseUnknown(policies);
  const busy = await busyShare();
  if (busy > busyShareMax) say(`the machine is ${Math.round(busy * 100)} % busy with other things`);
  const wants = (name) => only === undefined || only.includes(name);
  const size = Object.fromEntries(Object.entries(fullSize).map(([name, count]) => [name, Math.ceil(count * share)]));
  const pool = wants('pool') ? benchPool({ size, demands, rounds, policies, say }) : undefined;
  for (const row of pool?.rows ?? []) say(poolLine(row));
  const grants = wants('grants')
    ? await withChildren((children) =>
        benchGrants({ children, rate, seconds, warmUpSeconds: Math.min(seconds, warmUpSecondsMax), say }),
      )
    : undefined;
  if (grants) say(grantsLine(grants));
  say('');
  const targets = [
    target('pool-decisions-per-second', pool?.rows[1].decisionsPerSecond ?? NaN, '>=', 50_000, ''),
    target('pool-cost-of-a-hundredth', pool?.costRatio ?? NaN, '<=', 2, ''),
    target('scheduler-grants-per-second', grants?.grantsPerSecond ?? NaN, '>=', 2_000, ''),
    target('scheduler-p99-beyond-creation', (grants?.p99Ms ?? NaN) - creationMs, '<=', 100, ' ms'),
  ];
  for (const each of targets) say(targetLine(each));
  if (json === undefined) return;
  const document = { machine: machine(), busyShareBefore: busy, at: new Date().toISOString(), pool, grants, targets };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

const whole = (value) => Math.round(value).toLocaleString('en-US');

function poolLine({ nodes, containers, keys, decisionsPerSecond, demandsPerSecond, usPerDecision, answers }) {
  const mix = Object.entries(answers).map(([name, part]) => `${Math.round(part * 100)} % ${name}`);
  return (
    `pool of ${whole(nodes)} nodes, ${whole(containers)} containers, ${whole(keys)} keys: ${whole(decisionsPerSecond)} decisions/s, ` +
    `${usPerDecision.toFixed(2)} µs each; ${whole(demandsPerSecond)} demands/s with all that follows (${mix.join(', ')})`
  );
}

function grantsLine({ rate, grantsPerSecond, p50Ms, p99Ms, mostMs, skipped }) {
  const beyond = skipped > 0 ? `, ${skipped} not even asked for` : '';
  return (
    `scheduler at ${whole(rate)} demands/s: ${whole(grantsPerSecond)} grants/s, demand to grant ${p50Ms.toFixed(1)} ms p50, ` +
    `${p99Ms.toFixed(1)} ms p99, ${mostMs.toFixed(1)} ms at most${beyond}`
  );
}
