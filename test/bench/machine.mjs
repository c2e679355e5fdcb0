// The machine that figures belong to, and how busy others keep it.
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { findNginx } from './contenders.mjs';

/** Above this, figures tell more about the others than about us. */
export const busyShareMax = 0.1;

export function machine() {
  const nginx = findNginx();
  return {
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    // It prints its version to stderr.
    nginx: nginx && execFileSync('sh', ['-c', '"$0" -v 2>&1', nginx], { encoding: 'utf8' }).trim(),
  };
}

/** The share of all cores that is busy for a second, while the bench itself does nothing. */
export async function busyShare() {
  const before = times();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const after = times();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function times() {
  let [idle, total] = [0, 0];
  for (const core of cpus()) {
    idle += core.times.idle;
    for (const each of Object.values(core.times)) total += each;
  }
  return { idle, total };
}
