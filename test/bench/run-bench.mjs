// The bench of the warm path: the platform, a bare container and nginx before it under the same load, in turns.
//
// Guarantees: contenders take turns within each round, so that a slow minute of the machine falls on all of them; every process that it
// started has ended when it returns, also after Ctrl-C or an error; it never fails because of a figure.
import { writeFileSync } from 'node:fs';
import { withChildren } from './children.mjs';
import { bareServer, findNginx, hearth, nginxBefore, runtimes } from './contenders.mjs';
import { ratio, summarise, table, targetLine, targetsOf } from './figures.mjs';
import { drive } from './load.mjs';
import { busyShare, busyShareMax, machine } from './machine.mjs';

/**
 * Measured: a Node process needs about 2,000 runs until V8 has optimised its way through them, at 150 µs instead of 40 each, and every container is such a
 * process. A bench of shorter measurements is a trial of the bench itself and warms up no longer than it measures.
 */
const warmUpSecondsMax = { 1: 2, 16: 6 };
const mostConnections = 16;

/** @param {{ seconds: number, rounds: number, json?: string, only?: string[], say: (line: string) => void }} options */
export async function runBench({ seconds, rounds, json, only, say }) {
  const busy = await busyShare();
  if (busy > busyShareMax) {
    say(
      `the machine is ${Math.round(busy * 100)} % busy with other things; the more processes a contender has, the worse it will look`,
    );
  }
  const measurements = await withChildren((children) => measureAll(children, { seconds, rounds, only, say }));
  report(measurements, { seconds, rounds, json, say, busy });
}

async function measureAll(children, { seconds, rounds, only, say }) {
  const contenders = await startAll(children, only, say);
  const plan = [1, mostConnections].flatMap((connections) =>
    contenders
      .filter((contender) => connections === mostConnections || contender.key === 'hearth' || contender.isSingle)
      .map((contender) => ({ contender, connections })),
  );
  say(`warming up, then ${rounds} rounds of ${plan.length} measurements of ${seconds} s`);
  for (const turn of plan) await measure(turn, Math.min(2 * seconds, warmUpSecondsMax[turn.connections]));
  const measurements = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const turn of plan) measurements.push({ round, ...(await measure(turn, seconds)) });
    const hearths = measurements.filter((each) => each.round === round && each.contender === 'hearth');
    say(
      `round ${round}: ${hearths.map((each) => `${Math.round(each.perSecond)}/s at ${each.connections}`).join(', ') || 'done'}`,
    );
  }
  return measurements;
}

async function startAll(children, only, say) {
  const wants = (key) => only === undefined || only.includes(key);
  const found = [];
  const single = await runtimes(children, 1);
  const many = await runtimes(children, mostConnections);
  if (wants('node')) found.push({ ...(await bareServer(children)), isSingle: true });
  if (wants('runtime')) found.push({ ...single, isSingle: true });
  if (wants('runtimes')) found.push(many);
  const nginx = wants('nginx') ? findNginx() : undefined;
  if (nginx !== undefined) {
    found.push({ ...(await nginxBefore(children, nginx, single)), isSingle: true });
    found.push(await nginxBefore(children, nginx, many));
  } else if (wants('nginx')) say('no nginx on the PATH; what is compared with it is not measured');
  if (wants('hearth')) found.push(await hearth(children));
  return found;
}

async function measure({ contender, connections }, seconds) {
  const { key, name, ports, path, headers, body } = contender;
  const measurement = await drive({ ports, path, headers, body, connections, seconds });
  return { contender: key, name, connections, containers: await contender.containers(), ...measurement };
}

function report(measurements, { seconds, rounds, json, say, busy }) {
  const summary = summarise(measurements);
  const targets = targetsOf(measurements);
  const ratios = ratiosOf(measurements);
  say(`\n${table(summary)}\n`);
  for (const line of summary) if (line.firstError) say(`${line.name}, first error: ${line.firstError}`);
  for (const [name, value] of Object.entries(ratios)) if (value !== null) say(`${name}: ${value.toFixed(2)}`);
  say('');
  for (const target of targets) say(targetLine(target));
  if (json === undefined) return;
  const at = new Date().toISOString();
  const document = { machine: machine(), busyShareBefore: busy, at, seconds, rounds, summary, ratios, targets };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

function ratiosOf(measurements) {
  const of = (connections, above, below) => {
    const value = ratio(measurements, connections, above, below);
    return Number.isNaN(value) ? null : value;
  };
  return {
    'Hearth / nginx, bare container, 1 connection': of(1, 'hearth', 'nginx-runtime'),
    'Hearth / nginx, bare container, 16 connections': of(16, 'hearth', 'nginx-runtime'),
    'Hearth / nginx, 16 bare containers, 16 connections': of(16, 'hearth', 'nginx-runtimes'),
    'Hearth / bare container, 1 connection': of(1, 'hearth', 'runtime'),
    'Hearth / bare container, 16 connections': of(16, 'hearth', 'runtime'),
    'runtime / bare Node server, 1 connection': of(1, 'runtime', 'node'),
    'runtime / bare Node server, 16 connections': of(16, 'runtime', 'node'),
  };
}
