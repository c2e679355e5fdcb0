// A private platform of the bench: `hearth start` with the process driver, free ports and a data directory of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../scheduler/root.mjs';

const readyMs = 60_000;
const endMs = 30_000;
/** OpenWhisk's public development credential, which `hearth start` accepts on loopback. */
const auth = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
const authorization = `Basic ${Buffer.from(auth).toString('base64')}`;

/** What `act` answers of a platform with this memory, which is over then. */
export async function withPlatform(children, memoryMb, act) {
  const data = children.makeDirectory('data');
  const entry = children.start(process.execPath, [join(root, 'bin/hearth.mjs'), 'start'], {
    cwd: root,
    env: {
      HEARTH_DATA_DIR: data,
      HEARTH_PORTS: 'free',
      KINDS: 'nodejs:20',
      CONTAINER_DRIVER: 'process',
      NODE_MEMORY_MB: String(memoryMb),
    },
  });
  const record = () => JSON.parse(readFileSync(join(data, 'running.json'), 'utf8'));
  const until = performance.now() + readyMs;
  while (!(existsSync(join(data, 'running.json')) && record().isReady)) {
    if (entry.isOver) throw new Error(`Hearth ended before it was ready. It printed:\n${entry.printed()}`);
    if (performance.now() > until) throw new Error(`Hearth was not ready in time. It printed:\n${entry.printed()}`);
    await sleep(50);
  }
  // Stem cells are being made.
  await sleep(1_500);
  try {
    return await act({ apiHost: `http://${record().listeners.API_LISTEN}`, authorization, pid: entry.child.pid });
  } finally {
    entry.child.kill('SIGTERM');
    await Promise.race([entry.ended, sleep(endMs, undefined, { ref: false })]);
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
