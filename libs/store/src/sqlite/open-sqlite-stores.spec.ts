// What is SQLite's own: the file, several processes on it, and a process that is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ManualClock } from '#clock';
import { defaultLimits } from '#limits';
import { idOf, invocationOf, recordOf } from '../conformance/records';
import { eachTestWith } from '../conformance/under-test';
import type { Stores } from '../stores';
import { LibsqlDatabase } from './libsql-database';
import { sqliteUnderTest } from './sqlite-under-test';

const compiled = resolve(__dirname, '../../../../dist/libs/store/src');

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A Node process that has the stores open as `stores` and `record(index)` for a record of about 1 KB. */
function processWith(path: string, script: string): ChildProcess {
  const text = `
    const { openSqliteStores } = require(${JSON.stringify(compiled)});
    const { recordOf } = require(${JSON.stringify(join(compiled, 'conformance/records'))});
    const record = (index) => recordOf(index, { record: JSON.stringify({ index, pad: 'x'.repeat(1000) }) });
    openSqliteStores({ path: ${JSON.stringify(path)} }).then(async (stores) => { ${script} });`;
  const child = spawn(process.execPath, ['-e', text], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  children.push(child);
  return child;
}

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
  return lines;
}

describe('openSqliteStores', () => {
  const test = eachTestWith(() => sqliteUnderTest());
  const path = (name: string): string => test.current.path(name);

  it('makes directory and file, readable by their owner only', async () => {
    const made = path('a/b/hearth.db');
    const stores = await test.current.open({ path: made });
    await stores.incarnations.next('x');
    for (const file of [made, `${made}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(made))).mode & 0o777).toBe(0o700);
  });

  it('finds what an earlier start stored', async () => {
    const again = await test.current.another();
    await test.current.stores.incarnations.next('x');
    await test.current.stores.close();
    expect(await again.incarnations.next('x')).toBe(2n);
  });

  it('refuses a path that cannot be written, with the system code', async () => {
    await writeFile(path('file'), '');
    const below = path('file/below/hearth.db');
    await expect(test.current.open({ path: below })).rejects.toMatchObject({ code: 'ENOTDIR', path: below });
    await mkdir(path('directory.db'));
    await expect(test.current.open({ path: path('directory.db') })).rejects.toMatchObject({
      code: 'EISDIR',
      message: `cannot write the database ${path('directory.db')}: EISDIR; make its directory writable or choose another data directory.`,
    });
  });

  it('says EACCES where it may not write', async () => {
    await mkdir(path('locked'));
    await chmod(path('locked'), 0o500);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid!(65_534); // root may write everywhere
    try {
      await expect(test.current.open({ path: path('locked/hearth.db') })).rejects.toMatchObject({ code: 'EACCES' });
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });

  it('refuses a file that is no database, and leaves it alone', async () => {
    await writeFile(path('notes.db'), 'these are my notes, '.repeat(1_000));
    await expect(test.current.open({ path: path('notes.db') })).rejects.toMatchObject({ code: 'corrupt' });
    expect(await readFile(path('notes.db'), 'utf8')).toBe('these are my notes, '.repeat(1_000));
  });

  it('refuses a database that a newer Hearth wrote, with one sentence', async () => {
    await test.current.stores.close();
    const database = new LibsqlDatabase(path('hearth.db'), 1_000, 10);
    database.prepare('update schema_version set version = 99').run([]);
    database.close();
    await expect(test.current.open({})).rejects.toMatchObject({
      code: 'newer-schema',
      message: expect.stringMatching(
        /^cannot use the database .*: its schema is version 99, this Hearth knows up to \d+; start .*\.$/,
      ),
    });
  });

  it('lets several processes open a new database at the same moment', async () => {
    const script = `console.log(String(await stores.incarnations.next('x'))); await stores.close();`;
    const openers = Array.from({ length: 4 }, () => processWith(path('new.db'), script));
    const answers = await Promise.all(openers.map(linesOf));
    expect(answers.flat().sort()).toEqual(['1', '2', '3', '4']);
  });

  it('keeps whole batches, and every acknowledged one, of a process that is killed', async () => {
    const child = processWith(
      path('hearth.db'),
      `for (let batch = 0; ; batch += 1) {
        await stores.activations.insert(Array.from({ length: 100 }, (_, index) => record(batch * 100 + index)));
        console.log(batch);
      }`,
    );
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      acknowledged = Number(line) + 1;
      if (acknowledged === 30) child.kill('SIGKILL');
    }
    const { stores } = test.current;
    const stored = await stores.activations.count({ namespace: 'guest', skip: 0 });
    expect(acknowledged).toBeGreaterThanOrEqual(30);
    expect(stored % 100).toBe(0);
    expect([acknowledged * 100, (acknowledged + 1) * 100]).toContain(stored);
    expect(await stores.activations.get('guest', idOf(2_999))).toContain('"index":2999');
    await stores.close();
    const database = new LibsqlDatabase(path('hearth.db'), 1_000, 10);
    expect(database.prepare('pragma integrity_check').all([])).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });

  it('lets another process take over what a killed one had claimed, and settle what it had started', async () => {
    const { queue, activations } = test.current.stores;
    await queue.enqueue(
      [1, 2].map((index) => invocationOf(index)),
      10,
    );
    const child = processWith(
      path('hearth.db'),
      `const [first] = await stores.queue.claim('dead', 2, 300);
      await stores.queue.start('dead', [{ ...first, timeLimitMs: 1 }]);
      console.log('started');
      setInterval(() => undefined, 1_000);`,
    );
    for await (const line of createInterface({ input: child.stdout! })) if (line === 'started') child.kill('SIGKILL');
    expect(await queue.owners()).toEqual(['dead']);
    expect(await queue.started({ owners: ['dead'] })).toMatchObject([
      { activationId: idOf(1), owner: 'dead', attempt: 1 },
    ]);
    await activations.insert([recordOf(1, { settles: { owner: 'dead', attempt: 1 } })]);
    let claimed = await queue.claim('me', 2, 1_000);
    while (claimed.length === 0) claimed = await queue.claim('me', 2, 1_000);
    expect(claimed).toMatchObject([{ activationId: idOf(2), attempt: 2 }]);
    expect(await queue.counts()).toEqual({ queued: 0, claimed: 1, started: 0 });
  });

  it('says unavailable when another process holds the file beyond the time-out, and works again afterwards', async () => {
    const limits = { ...defaultLimits, storeBusyTimeoutMs: 50 };
    const impatient = await test.current.open({ limits });
    const holder = new LibsqlDatabase(path('hearth.db'), 1_000, 10);
    holder.prepare('begin immediate').run([]);
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 5);
    await expect(impatient.activations.insert([recordOf(1)])).rejects.toMatchObject({ code: 'unavailable' });
    clearInterval(turning);
    expect(turns).toBeGreaterThan(2); // the event loop went on while SQLite waited
    expect(await impatient.activations.count({ namespace: 'guest', skip: 0 })).toBe(0);
    holder.prepare('rollback').run([]);
    holder.close();
    await impatient.activations.insert([recordOf(1)]);
  });

  it('lists while records are being inserted, and sees what was stored before', async () => {
    const { activations } = test.current.stores;
    await activations.insert([recordOf(1)]);
    const order: string[] = [];
    const many = Array.from({ length: 20_000 }, (_, index) => recordOf(index + 2));
    const inserted = activations.insert(many).then(() => order.push('inserted'));
    expect(await activations.list({ namespace: 'guest', skip: 0, limit: 30 })).toEqual([recordOf(1).summary]);
    order.push('listed');
    await inserted;
    expect(order).toEqual(['listed', 'inserted']);
    expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(20_001);
  });

  it('does all in order where reading has no thread of its own', async () => {
    const { activations } = await test.current.open({ readsApart: false });
    const [, records] = await Promise.all([
      activations.insert(Array.from({ length: 500 }, (_, index) => recordOf(index))),
      activations.count({ namespace: 'guest', skip: 0 }),
    ]);
    expect(records).toBe(500);
  });

  it('refuses what is beyond the bound of outstanding requests, and serves the rest', async () => {
    const stores = await test.current.open({ limits: { ...defaultLimits, storeRequestsCount: 3 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => stores.queue.counts()));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes[4]).toMatchObject({ reason: { code: 'unavailable' } });
    expect(stores.queries()).toBe(3);
    await stores.queue.counts();
  });

  it('keeps no key in the file', async () => {
    const key = 'k'.repeat(63) + 'Z';
    await test.current.stores.subjects.seed({ subject: 'guest', namespace: 'guest', uuid: 'some-uuid', key });
    const files = await Promise.all(['hearth.db', 'hearth.db-wal'].map((name) => readFile(path(name))));
    expect(Buffer.concat(files).includes('some-uuid')).toBe(true);
    expect(Buffer.concat(files).includes(key)).toBe(false);
  });
});

describe('the clock of openSqliteStores', () => {
  const clock = new ManualClock();
  const test = eachTestWith(() => sqliteUnderTest({ clock }));
  const queue = (): Stores['queue'] => test.current.stores.queue;

  it('judges claims, ages and overdue rows to the millisecond', async () => {
    await queue().enqueue([invocationOf(1)], 10);
    clock.advance(5);
    expect(await queue().claim('me', 1, 100)).toMatchObject([{ ageMs: 5 }]);
    clock.advance(99);
    await queue().renew('me', 100);
    clock.advance(99);
    expect(await queue().claim('you', 1, 100)).toEqual([]);
    clock.advance(1);
    expect(await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: 10 }])).toEqual([false]);
    expect(await queue().claim('you', 1, 100)).toMatchObject([{ attempt: 2, ageMs: 204 }]);
    clock.advance(99);
    expect(await queue().start('you', [{ activationId: idOf(1), attempt: 2, timeLimitMs: 10 }])).toEqual([true]);
    clock.advance(30);
    expect(await queue().started({ overdueGraceMs: 20 })).toEqual([]);
    clock.advance(1);
    expect(await queue().started({ overdueGraceMs: 20 })).toMatchObject([
      { startedMs: 31, ageMs: 334, timeLimitMs: 10 },
    ]);
  });
});
