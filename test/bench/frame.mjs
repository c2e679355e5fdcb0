// What benches of several subjects have in common: which of them are wanted, what could not be measured and why, and what is left behind.
//
// Guarantees: one that cannot be measured is named with the reason; figures never make it fail.
import { writeFileSync } from 'node:fs';
import { targetLine } from './figures.mjs';
import { busyShare, busyShareMax, machine } from './machine.mjs';

/** Those of `names` that are in `only`, or `standard` ones. `what`: one of them, in a sentence. */
export function wanted(names, only, what, standard = names) {
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`there is no ${what} "${unknown}"; choose of ${names.join(', ')}`);
  return names.filter((name) => (only ?? standard).includes(name));
}

/** The share of the machine that others take; said where it spoils figures. */
export async function busyBefore(say) {
  const busy = await busyShare();
  if (busy > busyShareMax) say(`the machine is ${Math.round(busy * 100)} % busy with other things`);
  return busy;
}

/** One after the other. Those that fail are in `missing` by their reason. */
export async function measureEach(names, act) {
  const measured = {};
  const missing = {};
  for (const name of names) {
    try {
      measured[name] = await act(name);
    } catch (error) {
      if (error.signal !== undefined) throw error;
      missing[name] = error.message;
    }
  }
  return { measured, missing };
}

/** Says the targets; with `json` everything stays in that file. */
export function finish({ json, say, busy, targets, ...figures }) {
  say('');
  for (const each of targets) say(targetLine(each));
  if (json === undefined) return;
  const document = { machine: machine(), busyShareBefore: busy, at: new Date().toISOString(), ...figures, targets };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}
