// The secrets by which the apps know each other. The first start makes them; they stay in `secrets.json` of the data directory, which
// only its owner can read, and reach the apps by environment.
//
// Guarantees: the file is complete or absent (written aside, synced, renamed), and two starts in a row read the same secrets.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { secret } from '#config';
import { StartFailure } from './start-failure';

const secretsSchema = z.object({ CLUSTER_SECRET: secret, AGENT_TOKEN: secret, ADMIN_TOKEN: secret });
export type Secrets = z.infer<typeof secretsSchema>;

const secretBytes = 32;
const makeSecret = (): string => randomBytes(secretBytes).toString('base64url');

function read(path: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StartFailure(
      `cannot read the secrets in ${path}: ${error instanceof SyntaxError ? 'it is not JSON' : 'one is missing or too short'}; remove the file and the next start makes new ones.`,
    );
  }
}

/** The secrets of this data directory; made if it has none. */
export function openSecrets(dataDirectory: string): Secrets {
  const path = join(dataDirectory, 'secrets.json');
  const kept = read(path);
  if (kept !== undefined) return kept;
  const made = { CLUSTER_SECRET: makeSecret(), AGENT_TOKEN: makeSecret(), ADMIN_TOKEN: makeSecret() };
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(made, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  return made;
}
