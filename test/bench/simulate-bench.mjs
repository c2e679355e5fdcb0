// How many invocations a second of processor time simulates, in a small cluster and in a large one, with the product's own code in both.
//
// Guarantees: both sizes take turns in one process, so that a slow minute of the machine falls on both, and are measured by its processor time, so that a busy
// machine costs no figure but patience; each pays for the young garbage that it makes, and none for the other's; figures are medians, their ratio that of the
// rounds' ratios; what was checked meanwhile is said; it never fails because of a figure. What is asked for is the speed of one core: `npm run bench:simulate`
// has the young generation collected in one thread, since helpers that wait for each other are processor time, too. The heap is kept in one place and in huge
// pages, as `hearth simulate` does it for such clusters; the large size pays for asking for these.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { median, target, targetLine } from './figures.mjs';
import { busyShare, busyShareMax, machine } from './machine.mjs';
import { root } from './scheduler/root.mjs';

export const smallSize = { nodes: 10, containers: 120, actions: 100, controllers: 2, perSecond: 2_000 };
export const largeSize = { nodes: 10_000, containers: 200_000, actions: 1_000_000, controllers: 10, perSecond: 50_000 };

const checks =
  'checked meanwhile: memory, addresses, notes and code at every container as it is used, use leases at every dispatch, epochs at every command, ' +
  'every activation ends once; everything once at the end';

export async function runSimulateBench({ invocations, rounds, share, json, only, say }) {
  const simulation = createRequire(import.meta.url);
  const { SpeedRig } = simulation(`${root}/dist/test/simulation/speed-rig.js`);
  simulation(`${root}/dist/test/simulation/heap-place.js`).keepHeapTogether();
  const { HugePages, inHugePagesBytes } = simulation(`${root}/dist/test/simulation/huge-pages.js`);
  const pages = HugePages.ofSystem();
  const busy = await busyShare();
  if (busy > busyShareMax) say(`the machine is ${Math.round(busy * 100)} % busy with other things`);
  const large = Object.fromEntries(
    Object.entries(largeSize).map(([name, count]) => [name, name === 'controllers' ? count : Math.ceil(count * share)]),
  );
  const rigs = Object.entries({ small: smallSize, large }).flatMap(([name, size]) => {
    if (only !== undefined && !only.includes(name)) return [];
    say(`filling ${whole(size.nodes)} nodes with ${whole(size.containers)} containers`);
    const rig = new SpeedRig(size);
    const first = name === 'large' ? () => void pages.tend() : undefined;
    rig.measure(Math.min(invocations, 20_000), first);
    return [{ name, size, rig, first, measured: [] }];
  });
  for (let round = 0; round < rounds; round += 1)
    for (const { rig, first, measured } of rigs) measured.push(rig.measure(invocations, first));
  const rows = {};
  for (const { name, size, rig, measured } of rigs) {
    rig.scan();
    rows[name] = { ...size, ...figuresOf(measured), usPerEventOfRounds: measured.map(usPerEvent) };
    say(lineOf(rows[name]));
  }
  const memoryGb = process.memoryUsage.rss() / 1e9;
  say(`${memoryGb.toFixed(2)} GB in all, ${(inHugePagesBytes() / 1e9).toFixed(2)} GB of it in huge pages`);
  say(checks);
  say('');
  const targets = [
    target('simulate-small-invocations-per-second', rows.small?.perSecond ?? NaN, '>=', 30_000, ''),
    target('simulate-large-invocations-per-second', rows.large?.perSecond ?? NaN, '>=', 10_000, ''),
    target('simulate-cost-per-event-of-small', costOfSmall(rows), '<=', 3, ''),
    target('simulate-memory', rows.large ? memoryGb : NaN, '<=', 6, ' GB'),
  ];
  for (const each of targets) say(targetLine(each));
  if (json === undefined) return;
  const document = { machine: machine(), busyShareBefore: busy, at: new Date().toISOString(), rows, memoryGb, targets };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

const whole = (value) => Math.round(value).toLocaleString('en-US');

const usPerEvent = ({ events, seconds }) => (seconds * 1e6) / events;

/** How many times as much an event costs at the large size. */
function costOfSmall({ small, large }) {
  if (!small || !large) return NaN;
  return median(large.usPerEventOfRounds.map((each, round) => each / small.usPerEventOfRounds[round]));
}

function figuresOf(rounds) {
  const of = (figure) => median(rounds.map(figure));
  return {
    actualContainers: rounds.at(-1).containers,
    perSecond: of(({ invocations, seconds }) => invocations / seconds),
    usPerEvent: of(usPerEvent),
    eventsPerInvocation: of(({ events, invocations }) => events / invocations),
    coldShare: of(({ coldShare }) => coldShare),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  };
}

function lineOf({ nodes, actions, actualContainers, perSecond, usPerEvent, eventsPerInvocation, coldShare, errors }) {
  return (
    `${whole(nodes)} nodes, ${whole(actions)} actions, ${whole(actualContainers)} containers: ${whole(perSecond)} invocations/s of one core, ` +
    `${eventsPerInvocation.toFixed(1)} events each at ${usPerEvent.toFixed(2)} µs, ${Math.round(coldShare * 100)} % cold, ${errors} errors`
  );
}
