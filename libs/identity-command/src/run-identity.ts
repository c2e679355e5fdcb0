// Runs one command of `hearth user` or `hearth limits` on the store itself, whether or not a controller runs.
//
// Guarantees: results and refusals are lines on stdout, as wskadmin prints them; what goes wrong beyond that is one sentence on stderr. Exit code: 0
// done, 1 not done, 2 not understood; `block` and `unblock` answer how many subjects they could not find.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Stale } from '#invalidation';
import { defaultLimits } from '#limits';
import { Seal } from '#seal';
import { openStores, StoreError, type SubjectStore } from '#store';
import { type CommandLine, type CommandName, readCommandLine } from './command-line';
import { deleteLimits, getLimits, setLimits } from './limits-commands';
import { tellControllers } from './tell-controllers';
import { blockUsers, createUser, deleteUser, getUser, listUsers, whoisUser } from './user-commands';

export interface Terminal {
  out(text: string): void;
  say(text: string): void;
}

/** An exit code. */
export type Done = number;

/** What a command needs. */
export interface Administration {
  readonly subjects: SubjectStore;
  /** undefined: there is no secret, and keys are known to nobody but those who are told them now. */
  readonly seal: Seal | undefined;
  /** One line. */
  out(line: string): void;
  done(): Done;
  /** It could not be done. */
  fail(line: string): Done;
  /** It makes no sense. */
  refuse(line: string): Done;
  /** It was done, and caches hold something else. */
  wrote(...stales: readonly Stale[]): Promise<Done>;
}

const run: Record<CommandName, (line: CommandLine, on: Administration) => Promise<Done>> = {
  'user create': createUser,
  'user delete': deleteUser,
  'user get': getUser,
  'user whois': whoisUser,
  'user block': (line, on) => blockUsers(line, on, true),
  'user unblock': (line, on) => blockUsers(line, on, false),
  'user list': listUsers,
  'limits set': setLimits,
  'limits get': getLimits,
  'limits delete': deleteLimits,
};

const secretsSchema = z.object({ CLUSTER_SECRET: z.string().min(1) });

function findSecret(dataDirectory: string, env: NodeJS.ProcessEnv): string | undefined {
  if (env.CLUSTER_SECRET) return env.CLUSTER_SECRET;
  const path = join(dataDirectory, 'secrets.json');
  if (!existsSync(path)) return undefined;
  return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).CLUSTER_SECRET;
}

/** `menu`: user or limits; `root`: the checkout, whose .hearth is the default data directory. Answers the exit code. */
export async function runIdentity(
  menu: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  root: string,
  terminal: Terminal,
): Promise<Done> {
  const line = readCommandLine(menu, argv);
  if (typeof line === 'string') {
    terminal.say(line);
    return 2;
  }
  const given = line.given['data-dir'];
  const dataDirectory = resolve(typeof given === 'string' ? given : env.HEARTH_DATA_DIR || join(root, '.hearth'));
  const databaseUrl = env.DATABASE_URL || undefined;
  const secret = findSecret(dataDirectory, env);
  const say = (sentence: string): void => terminal.say(sentence);
  const stores = await openStores({ databaseUrl, dataDirectory, limits: defaultLimits, say }).catch(
    (error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      terminal.say(error.message);
    },
  );
  if (!stores) return 1;
  const out = (text: string): void => terminal.out(`${text}\n`);
  const ending = (code: Done) => (text: string) => (out(text), code);
  try {
    return await run[line.command](line, {
      subjects: stores.subjects,
      seal: secret === undefined ? undefined : new Seal(secret, 'subjects'),
      out,
      done: () => 0,
      fail: ending(1),
      refuse: ending(2),
      wrote: async (...stales) => {
        const seconds = defaultLimits.identityCacheMs / 1_000;
        for (const trouble of await tellControllers(stales, dataDirectory, env.REDIS_URL || undefined))
          terminal.say(`${trouble}; they notice within ${seconds} s.`);
        return 0;
      },
    });
  } finally {
    await stores.close();
  }
}
