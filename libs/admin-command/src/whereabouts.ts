// Whom to ask and with which token: what the command line says, else the environment, else the data directory of this machine.
//
// The token is never a word of the command line, where every user of the machine could read it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AdminFailure } from './failure';
import type { CommandLine } from './command-line';

export interface Whereabouts {
  readonly addresses: readonly string[];
  readonly token: string;
}

const defaultAddress = '127.0.0.1:3236';

const runningSchema = z.object({ listeners: z.record(z.string(), z.string()) });
const secretsSchema = z.object({ ADMIN_TOKEN: z.string().min(1) });

/** Undefined if there is no such file, or another version's. */
function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AdminFailure(
      `cannot read ${path} (${code ?? message}); run as its owner, or set ADMIN_TOKEN and --address.`,
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined; // Another version's; then what it would have said has to be given.
  }
}

const split = (list: string): string[] =>
  list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');

/** `root`: the checkout, whose .hearth is the default data directory. */
export function findWhereabouts(line: CommandLine, env: NodeJS.ProcessEnv, root: string): Whereabouts {
  const directory = resolve(line.dataDirectory ?? (env.HEARTH_DATA_DIR || join(root, '.hearth')));
  const token = env.ADMIN_TOKEN || readJson(join(directory, 'secrets.json'), secretsSchema)?.ADMIN_TOKEN;
  if (token === undefined) {
    throw new AdminFailure(
      `there is no admin token: ADMIN_TOKEN is not set, and ${directory} has no secrets.json; set ADMIN_TOKEN, or name the data directory with --data-dir.`,
    );
  }
  if (line.addresses.length > 0) return { addresses: line.addresses, token };
  if (env.ADMIN_ADDRESS) return { addresses: split(env.ADMIN_ADDRESS), token };
  const listeners = readJson(join(directory, 'running.json'), runningSchema)?.listeners ?? {};
  const found = Object.entries(listeners).flatMap(([name, at]) => (/(^|\.)ADMIN_LISTEN$/.test(name) ? [at] : []));
  return { addresses: found.length > 0 ? found : [defaultAddress], token };
}
