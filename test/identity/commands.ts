// What `hearth user` and `hearth limits` do on a store, whichever it is: the sentences, exit codes and effects of wskadmin.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runIdentity } from '#identity-command';
import { root } from '../support/platform';

export interface CommandRun {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs `hearth …` as a user does: a process of its own, with little environment. */
export function runCommand(words: readonly string[], env: Record<string, string>): Promise<CommandRun> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'bin/hearth.mjs'), ...words], {
    cwd: tmpdir(),
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', said: '' };
  child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed.said += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...printed })));
}

/** The same in this process, which is a lot faster. */
export async function runHere(words: readonly string[], env: Record<string, string>): Promise<CommandRun> {
  const printed = { out: '', said: '' };
  const terminal = {
    out: (text: string) => void (printed.out += text),
    say: (text: string) => void (printed.said += `hearth: ${text}\n`),
  };
  const [menu = '', ...rest] = words;
  return { code: await runIdentity(menu, rest, env, root, terminal), ...printed };
}

/** `databaseUrl`: of an empty database; undefined: SQLite in a directory of its own. */
export function describeIdentityCommands(databaseUrl: () => string | undefined, run = runHere): void {
  const key = 'K'.repeat(64);
  const uuid = '11111111-2222-4333-8444-555555555555';
  let directory: string;
  let hearth: (text: string, more?: Record<string, string>) => Promise<CommandRun>;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-identity-'));
    const url = databaseUrl();
    const env = { HEARTH_DATA_DIR: directory, CLUSTER_SECRET: 'a cluster secret of some length' };
    hearth = (text, more = {}) =>
      run(text.split(' '), { ...env, ...(url === undefined ? {} : { DATABASE_URL: url }), ...more });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const says = async (text: string, out: string, code = 0): Promise<void> => {
    expect({ text, ...(await hearth(text)) }).toEqual({ text, code, out: `${out}\n`, said: '' });
  };

  it('makes a subject, prints its key once and later, and knows whose it is', async () => {
    const made = await hearth('user create userA');
    expect(made).toMatchObject({ code: 0, said: '' });
    expect(made.out).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}:[A-Za-z0-9]{64}\n$/);
    const credential = made.out.trim();
    await says('user get userA', credential);
    await says(`user whois ${credential}`, 'subject: userA\nnamespace: userA');
    await says(`user whois ${credential.slice(0, -1)}`, 'Subject id is not recognized');
    await says('user create userA', 'Namespace already exists', 1);
    await says(`user create userA -ns space1 -u ${uuid}:${key}`, `${uuid}:${key}`);
    await says('user get userA -ns space1', `${uuid}:${key}`);
    await says('user get userA -a', `space1\t${uuid}:${key}\nuserA\t${credential}`);
    await says('user get userA -ns nothing', 'namespace "nothing" not found for "userA"', 1);
    const unknown = await hearth('user get userA', { CLUSTER_SECRET: 'another secret of some length' });
    expect(unknown).toMatchObject({ code: 1, out: expect.stringContaining('is not known') as string });
    // A new key, the same uuid; a new uuid.
    const revoked = (await hearth('user create userA -r')).out.trim();
    expect([revoked.split(':')[0], revoked === credential]).toEqual([credential.split(':')[0], false]);
    await says(`user whois ${credential}`, 'Subject id is not recognized');
    const forced = (await hearth('user create userA -f')).out.trim();
    expect(forced.split(':')[0]).not.toBe(credential.split(':')[0]);
    await says(`user whois ${revoked}`, 'Subject id is not recognized');
  });

  it('lists who shares a namespace', async () => {
    const other = `22222222-2222-4333-8444-555555555555:${key}`;
    await says(`user create userB -ns space1 -u ${other}`, other);
    await says('user list space1', `${uuid}:${key}\tuserA`);
    await says('user list space1 -a', `${uuid}:${key}\tuserA\n${other}\tuserB`);
    await says('user list space1 -p 2 -k', `${uuid}:${key}\n${other}`);
    await says('user list nothing', 'no identities found for namespace "nothing"');
    await says('user list space1 -p 0', 'pick at least 1 identity to show', 2);
  });

  it('blocks and unblocks, and counts whom it could not find', async () => {
    await says('user block userA userB', '"userA" blocked successfully\n"userB" blocked successfully');
    await says(`user whois ${uuid}:${key}`, 'Subject id is not recognized');
    await says('user create userA -ns space2', 'The subject you want to edit is blocked', 1);
    const missing = '({"error":"not_found","reason":"missing"})';
    await says(
      'user block nobody1 nobody2',
      `Failed to block "nobody1" ${missing}\nFailed to block "nobody2" ${missing}`,
      2,
    );
    await says('user unblock userA', '"userA" unblocked successfully');
    await says(`user whois ${uuid}:${key}`, 'subject: userA\nnamespace: space1');
  });

  it('deletes one namespace, or the subject', async () => {
    await says('user delete userA -ns nothing', 'Namespace "nothing" does not exist for "userA"', 1);
    await says('user delete userA -ns space1', 'Namespace deleted');
    await says('user delete userA', 'Subject deleted');
    await says('user delete userA', 'Failed to delete subject ({"error":"not_found","reason":"missing"})', 1);
    await says('user get userA', 'Failed to get subject ({"error":"not_found","reason":"missing"})', 1);
  });

  it('refuses what cannot be', async () => {
    await says('user create abcd', 'Subject name must be at least 5 characters', 2);
    await says(`user create userC -u 1234:${key}`, 'authorization id is not a valid UUID', 2);
    await says(`user create userC -u ${uuid}:short`, 'authorization key must be at least 64 characters long', 2);
    await says('user create userC -ns a/b', 'The namespace contains illegal characters.', 2);
    await says(
      `user create userC -u 22222222-2222-4333-8444-555555555555:${key}`,
      'authorization id is already in use',
      1,
    );
    expect(await hearth('user frob')).toEqual({
      code: 2,
      out: '',
      said: 'hearth: user has no command "frob"; see hearth user --help.\n',
    });
  });

  it('sets limits one by one, shows and deletes them', async () => {
    await says('limits get space1', 'No limits found, default system limits apply', 1);
    await says('limits set space1 --invocationsPerMinute 1', 'Limits successfully set for "space1"');
    await says(
      'limits set space1 --allowedKinds nodejs:20 python:3 --firesPerMinute 0 --disableStoreActivations',
      'Limits successfully set for "space1"',
    );
    await says(
      'limits get space1',
      "invocationsPerMinute = 1\nfiresPerMinute = 0\nallowedKinds = ['nodejs:20', 'python:3']\nstoreActivations = False",
    );
    await says(
      'limits set space1 --minActionMemory 256 --maxActionMemory 128',
      'minActionMemory is more than maxActionMemory.',
      2,
    );
    await says(
      'limits set space1 --maxActionMemory 128 --maxParameterSize 2KB',
      'Limits successfully set for "space1"',
    );
    expect((await hearth('limits get space1')).out).toMatch(
      /storeActivations = False\nmaxActionMemory = 128\nmaxParameterSize = 2048 B\n$/,
    );
    await says('limits delete space1', 'Limits deleted');
    await says('limits delete space1', 'Failed to delete limits ({"error":"not_found","reason":"missing"})', 1);
  });
}
