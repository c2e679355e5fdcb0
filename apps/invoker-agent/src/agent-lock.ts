// One agent for a node's directory: a second one would end the containers of the first.
//
// The lock names the process that holds it, so one that a killed agent left is no obstacle. Two agents that start in the same instant may both
// pass; their listener decides then. Where there is no /proc nothing is locked.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isAlive } from '#lifecycle';

const holderSchema = z.object({ pid: z.number().int().positive(), startTicks: z.string() });

/** Answers how to release it. */
export function lockNode(nodeDirectory: string, nodeId: string): () => void {
  mkdirSync(nodeDirectory, { recursive: true, mode: 0o700 });
  const path = join(nodeDirectory, 'agent.lock');
  const holder = readHolder(path);
  if (holder && holder.pid !== process.pid && isAlive(holder)) {
    throw new Error(
      `an agent of node ${nodeId} runs already (process ${holder.pid}); stop it, or choose another NODE_ID or HEARTH_DATA_DIR.`,
    );
  }
  writeFileSync(path, JSON.stringify(identify(process.pid) ?? { pid: process.pid, startTicks: '' }));
  return () => rmSync(path, { force: true });
}

/** Undefined if there is none, or none that can be read. */
function readHolder(path: string): z.infer<typeof holderSchema> | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
