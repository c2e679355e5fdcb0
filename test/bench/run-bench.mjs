// The bench of the whole platform: scenario after scenario, each beside a bare container and nginx in the same minutes, then the targets, JSON, a report, a comparison.
//
// Guarantees: every process that it started has ended when it returns, also after Ctrl-C or an error; a scenario that cannot be measured is named with the reason and its
// targets count as missed; it never fails because of a figure.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { withChildren } from './children.mjs';
import { comparison } from './compare.mjs';
import { BenchContext } from './context.mjs';
import { rowTable, target, targetLine } from './figures.mjs';
import { htmlOf } from './html.mjs';
import { helpersYield } from './libs.mjs';
import { busyShare, busyShareMax, machine } from './machine.mjs';
import { scenarios } from './scenarios/index.mjs';

export const format = 'hearth-bench';
/** Raised by every change that an older reader would misread. */
export const version = 1;

/**
 * @param {{ seconds: number, rounds: number, full: boolean, soakMinutes: number, only?: string[], apihost?: string, auth?: string,
 *   json?: string, html?: string, compare?: string, say: (line: string) => void }} options
 */
export async function runBench(options) {
  const { only, full, soakMinutes, apihost, seconds, rounds, say } = options;
  const unknown = only?.find((name) => !scenarios.some((each) => each.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no scenario "${unknown}"; choose of ${scenarios.map(({ name }) => name).join(', ')}`);
  const before = options.compare === undefined ? undefined : readDocument(options.compare);
  const wanted = scenarios.filter((each) => (only ? only.includes(each.name) : full || each.isQuick));
  const chosen = wanted.filter(
    ({ anyHost, isSoak }) => (apihost === undefined || anyHost) && !(isSoak && soakMinutes === 0),
  );
  // As the driver of `hearth workload`: what the load generator is late by is charged to no contender.
  helpersYield();
  const busy = await busyShare();
  if (busy > busyShareMax)
    say(
      `the machine is ${Math.round(busy * 100)} % busy with other things; the more processes a contender has, the worse it will look`,
    );
  const document = {
    format,
    version,
    machine: machine(),
    busyShareBefore: busy,
    at: new Date().toISOString(),
    host: apihost ?? 'a Hearth of the bench',
    seconds,
    rounds,
    scenarios: {},
    targets: [],
  };
  const write = () => {
    if (options.json) writeFileSync(options.json, `${JSON.stringify(document, undefined, 2)}\n`);
    if (options.html) writeFileSync(options.html, htmlOf(document));
  };
  await withChildren(async (children) => {
    const context = new BenchContext(children, options);
    try {
      for (const scenario of chosen) {
        document.scenarios[scenario.name] = await measured(scenario, context, say);
        document.targets = Object.values(document.scenarios).flatMap(({ targets }) => targets);
        write();
      }
    } finally {
      await context.end();
    }
  });
  say('');
  for (const each of document.targets) say(targetLine(each));
  if (options.json) say(`\nfigures: ${options.json}`);
  if (options.html) say(`report: ${options.html}`);
  if (before) say(`\nagainst ${basename(options.compare)} (${before.at}):\n${comparison(before, document)}`);
}

async function measured(scenario, context, say) {
  say(`\n${scenario.name}: ${scenario.about}`);
  const began = performance.now();
  let found;
  try {
    found = { rows: [], targets: [], charts: [], notes: [], ...(await scenario.run(context)) };
  } catch (error) {
    if (error.signal !== undefined) throw error;
    found = {
      rows: [],
      charts: [],
      notes: [`not measured: ${error.message}`],
      targets: scenario.targets.map((name) => target(name, NaN, '', '', '')),
    };
  }
  await context.endScenario();
  if (found.rows.length > 0) say(`\n${rowTable(found.rows)}\n`);
  for (const note of found.notes) say(note);
  for (const each of found.targets) say(targetLine(each));
  say(`(${((performance.now() - began) / 1000).toFixed(0)} s)`);
  return { about: scenario.about, ...found };
}

/** What an earlier bench wrote. */
function readDocument(file) {
  let document;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON (${error.message})`, { cause: error });
  }
  if (document?.format !== format || document.version !== version)
    throw new Error(`${file} is no result of this bench, or of another version`);
  return document;
}
