// How much processor time a process and all below it have used, the ended ones included. From /proc, in steps of a clock tick; sums of many are exact.
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's USER_HZ, which is 100 wherever Node runs. */
const tickMs = 10;

/** Milliseconds. */
export function processorMs(pid) {
  const rows = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const row = readRow(name);
    if (row) rows.set(Number(name), row);
  }
  const isBelow = (at) => {
    for (let seen = 0; at !== undefined && seen < 64; at = rows.get(at)?.parent, seen += 1) if (at === pid) return true;
    return false;
  };
  let ticks = 0;
  for (const [at, row] of rows) if (isBelow(at)) ticks += row.ticks;
  return ticks * tickMs;
}

function readRow(name) {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The command, which may hold anything, is between parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Own time, and that of children that have ended and were waited for.
    return { parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) };
  } catch {
    return undefined; // It ended between the two calls.
  }
}
