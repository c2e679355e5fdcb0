// Which API host to drive and with which credential: what the command line says, else the environment, else the Hearth of the data directory.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { RunLine } from './command-line';

const runningSchema = z.object({ listeners: z.record(z.string(), z.string()) });
const defaultApiHost = 'http://127.0.0.1:3233';
/** OpenWhisk's public development credential, which `npm start` accepts on loopback. */
const developmentAuth =
  '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

export interface Whereabouts {
  readonly apihost: string;
  readonly auth: string;
}

/** `root`: the checkout, whose .hearth is the default data directory. */
export function findWhereabouts(line: RunLine, env: NodeJS.ProcessEnv, root: string): Whereabouts {
  const directory = resolve(line.dataDirectory ?? (env.HEARTH_DATA_DIR || join(root, '.hearth')));
  const apihost = line.apihost ?? (env.WORKLOAD_APIHOST || runningApi(directory)) ?? defaultApiHost;
  return { apihost, auth: line.auth ?? (env.WORKLOAD_AUTH || developmentAuth) };
}

/** Of the Hearth that runs in this data directory; its first controller if there are several. */
function runningApi(directory: string): string | undefined {
  try {
    const { listeners } = runningSchema.parse(JSON.parse(readFileSync(join(directory, 'running.json'), 'utf8')));
    const found = Object.entries(listeners).find(([name]) => /(^|\.)API_LISTEN$/.test(name));
    return found && `http://${found[1]}`;
  } catch {
    return undefined; // Nothing runs there, or another version; then the default is tried, and it says if nobody is there.
  }
}
