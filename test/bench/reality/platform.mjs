// A private platform of the bench with the process driver, and a workload on it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostUrl } from '../libs.mjs';
import { guest, Platform } from '../platform.mjs';
import { root } from '../scheduler/root.mjs';

const authorization = `Basic ${Buffer.from(guest).toString('base64')}`;
/** Until the first stem cells are there. */
const settleMs = 1_500;

/** What `act` answers of a platform with this memory, which is over then. */
export async function withPlatform(children, memoryMb, act) {
  const env = { CONTAINER_DRIVER: 'process', NODE_MEMORY_MB: String(memoryMb) };
  const platform = await Platform.start(children, env);
  try {
    await sleep(settleMs);
    return await act({ apiHost: hostUrl(platform.endpoint), authorization, pid: platform.pids().supervisor });
  } finally {
    await platform.stop();
  }
}

/** The result of a workload that `hearth workload` drives as a process of its own. */
export async function runForReal(children, { apiHost }, file) {
  const out = children.makeDirectory('result');
  const entry = children.start(
    process.execPath,
    [join(root, 'bin/hearth.mjs'), 'workload', 'run', file, '--apihost', apiHost, '--out', out, '--quiet'],
    { cwd: root },
  );
  await entry.ended;
  const path = join(out, 'result.json');
  if (!existsSync(path)) throw new Error(`the workload left no result. It printed:\n${entry.printed()}`);
  return JSON.parse(readFileSync(path, 'utf8'));
}
