// Journal, recorder and replay on real files and a real SQLite store: what was told survives, whatever happens next.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { defaultLimits } from '#limits';
import { type ActivationRow, openSqliteStores, type Stores } from '#store';
import { silentLogger } from '#telemetry';
import { newActivationId } from './activation-id';
import { Journal, journalOwner } from './journal';
import { type AcceptedEntry, formatEntry, readEntries } from './journal-format';
import { lockJournal } from './journal-lock';
import { JournalReplay } from './journal-replay';
import { Recorder } from './recorder';
import { RefusedRecords } from './refused-records';

const now = 1_700_000_000_000;
const row = (text = '{"ok":true}', activationId = newActivationId(now)): ActivationRow => ({
  namespace: 'guest',
  activationId,
  acceptedAt: now,
  start: now,
  end: now + 5,
  name: 'hello',
  packageName: undefined,
  statusCode: 0,
  summary: `{"activationId":"${activationId}","name":"hello"}`,
  record: `{"activationId":"${activationId}","response":{"result":${text}}}`,
});
const accepted = (one: ActivationRow, overAt: number): AcceptedEntry => ({
  type: 'accepted',
  namespace: one.namespace,
  activationId: one.activationId,
  acceptedAt: now,
  overAt,
  row: one,
});

describe('journal', () => {
  let directory: string;
  let stores: Stores;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'journal-'));
    stores = await openSqliteStores({ path: join(directory, 'hearth.db') });
  });

  afterEach(async () => {
    await stores.close();
    rmSync(directory, { recursive: true });
  });

  const journalDirectory = (): string => join(directory, 'journal');
  const journal = (incarnation = 1n, limits = {}): Journal =>
    new Journal(journalDirectory(), 'c0', incarnation, { ...defaultLimits, ...limits }, silentLogger);
  const refused = () =>
    new RefusedRecords(journalDirectory(), stores.activations, defaultLimits, systemClock, silentLogger);
  const recorder = (
    of: Journal,
    activations: Pick<Stores['activations'], 'insert'> = stores.activations,
    limits = {},
  ): Recorder =>
    new Recorder(
      of,
      activations,
      { ...defaultLimits, recordBatchMs: 5, ...limits },
      systemClock,
      silentLogger,
      refused(),
    );
  const files = (): string[] => readdirSync(journalDirectory());
  const finish = (to: Recorder, one: ActivationRow): Promise<void> =>
    new Promise((resolve) => to.finished(one, resolve));
  const replay = (incarnation = 2n, clock = systemClock): JournalReplay =>
    new JournalReplay(journalDirectory(), 'c0', incarnation, stores.activations, clock, silentLogger, refused());

  it('reads back what was written, whatever the texts hold, and stops at a torn tail', () => {
    const rows = [row('{"a":"line\\nbreak ü€"}'), row('[1,\n2]'), row()];
    const text = rows.map((one) => formatEntry({ type: 'record', row: one })).join('');
    const whole = readEntries(Buffer.from(text));
    expect(whole.entries.map((entry) => entry.row)).toEqual(rows);
    expect(whole.tornBytes).toBe(0);
    for (const cut of [1, 10, 60, 150]) {
      const torn = readEntries(Buffer.from(text).subarray(0, Buffer.byteLength(text) - cut));
      expect(torn.entries).toHaveLength(2);
      expect(torn.tornBytes).toBeGreaterThan(0);
    }
  });

  it('tells only after the record is in the file, and deletes the file once it is stored', async () => {
    const own = journal();
    const to = recorder(own);
    const one = row();
    let told = '';
    await new Promise<void>((resolve) => {
      to.finished(one, () => {
        told = readFileSync(join(journalDirectory(), files()[0]!), 'utf8');
        resolve();
      });
      expect(told).toBe('');
    });
    expect(told).toContain(one.activationId);
    expect(await to.close(1_000)).toBe(true);
    expect(await stores.activations.get('guest', one.activationId)).toBe(one.record);
    expect(files()).toEqual([]);
  });

  it('replays what a dead incarnation told but had not stored, once, and leaves living ones alone', async () => {
    const failing = { insert: () => Promise.reject(new Error('store is down')) };
    const dead = recorder(journal(1n), failing, { recordBatchMs: 60_000 });
    const living = recorder(journal(2n), failing, { recordBatchMs: 60_000 });
    const [first, second] = [row(), row()];
    await finish(dead, first);
    await finish(living, second);
    expect((await replay(2n).run()).records).toBe(1);
    expect(await stores.activations.get('guest', first.activationId)).toBe(first.record);
    expect(await stores.activations.get('guest', second.activationId)).toBeUndefined();
    expect(files()).toEqual(['c0.2.1.journal']);
    expect((await replay(2n).run()).records).toBe(0);
    clearTimeout((dead as unknown as { timer: NodeJS.Timeout }).timer);
    clearTimeout((living as unknown as { timer: NodeJS.Timeout }).timer);
  });

  it('replays what another controller told only once that is dead, and leaves nothing of it', async () => {
    const one = row();
    const owner = journalOwner('c/1', 7n);
    journal(1n);
    const lock = lockJournal(journalDirectory(), owner)!;
    writeFileSync(join(journalDirectory(), `${owner}.1.journal`), formatEntry({ type: 'record', row: one }));
    await replay().runOthers();
    expect(await stores.activations.get('guest', one.activationId)).toBeUndefined();
    lock.release();
    expect((await replay().run()).records).toBe(0);
    await replay().runOthers();
    expect(await stores.activations.get('guest', one.activationId)).toBe(one.record);
    expect(files()).toEqual([]);
  });

  it('settles what another promised once nothing can be running any more, and its record comes first', async () => {
    const [open, done] = [row('{"error":"lost"}'), row()];
    journal(1n);
    const path = (number: number): string => join(journalDirectory(), `c1.1.${number}.journal`);
    writeFileSync(path(1), formatEntry(accepted(open, now + 60_000)));
    const lost = accepted({ ...done, record: '{"lost":true}' }, now - 1);
    writeFileSync(path(2), formatEntry(lost));
    writeFileSync(path(3), formatEntry({ type: 'record', row: done }));
    let passedMs = 0;
    const others = replay(2n, { now: () => passedMs, wallMs: () => now + passedMs });
    await others.runOthers();
    passedMs = 59_999;
    await others.runOthers();
    expect(await stores.activations.get('guest', open.activationId)).toBeUndefined();
    expect(await stores.activations.get('guest', done.activationId)).toBe(done.record);
    passedMs = 60_000;
    await others.runOthers();
    expect(await stores.activations.get('guest', open.activationId)).toBe(open.record);
    expect(files()).toEqual([]);
  });

  it('sweeps the locks of its own earlier incarnations, but none that is held', async () => {
    journal(1n);
    lockJournal(journalDirectory(), 'c0.1')!.release();
    const held = lockJournal(journalDirectory(), 'c0.2')!;
    await replay(3n).run();
    expect(files().filter((name) => name.endsWith('.lock'))).toEqual(['c0.2.lock']);
    held.remove();
    expect(files()).toEqual([]);
  });

  it('survives a torn tail: what was complete is replayed', async () => {
    const text = [row(), row()].map((one) => formatEntry({ type: 'record', row: one })).join('');
    journal(1n);
    const path = join(journalDirectory(), 'c0.1.1.journal');
    writeFileSync(path, text);
    truncateSync(path, Buffer.byteLength(text) - 3);
    expect((await replay().run()).records).toBe(1);
  });

  it('leaves a file that cannot be read, and replays the others', async () => {
    journal(1n);
    mkdirSync(join(journalDirectory(), 'c0.1.1.journal'));
    writeFileSync(join(journalDirectory(), 'c0.1.2.journal'), formatEntry({ type: 'record', row: row() }));
    expect((await replay().run()).records).toBe(1);
    expect(files()).toEqual(['c0.1.1.journal']);
  });

  it('settles what was answered 202 and never finished, once nothing can be running any more', async () => {
    const [over, open, done] = [row('{"error":"lost"}'), row('{"error":"lost"}'), row()];
    const lost = { ...done, record: '{"lost":true}' };
    journal(1n);
    const entries = [
      formatEntry(accepted(over, now - 1)),
      formatEntry(accepted(open, now + 60_000)),
      formatEntry(accepted(lost, now - 1)),
      formatEntry({ type: 'record', row: done }),
    ];
    writeFileSync(join(journalDirectory(), 'c0.1.1.journal'), entries.join(''));
    const clock = { now: () => 0, wallMs: () => now };
    const replayed = await replay(2n, clock).run();
    expect(await stores.activations.get('guest', over.activationId)).toBe(over.record);
    expect(await stores.activations.get('guest', done.activationId)).toBe(done.record);
    expect(await stores.activations.get('guest', open.activationId)).toBeUndefined();
    expect(replayed.owed.map(({ activationId }) => activationId)).toEqual([open.activationId]);
    expect(files()).toEqual(['c0.1.1.journal']);
    await replay(2n, clock).settle(replayed);
    expect(await stores.activations.get('guest', open.activationId)).toBe(open.record);
    expect(files()).toEqual([]);
  });

  it('keeps telling at the disk bound, says degraded, and refuses new ones once memory is full, too', async () => {
    let isDown = true;
    const insert = (rows: readonly ActivationRow[]): Promise<void> =>
      isDown ? Promise.reject(new Error('store is down')) : stores.activations.insert(rows);
    const own = journal(1n, { journalBytes: 500 });
    const to = recorder(own, { insert }, { journalMemoryBytes: 800 });
    const rows = Array.from({ length: 8 }, () => row());
    for (const one of rows) await finish(to, one);
    expect(own.isDegraded).toBe(true);
    expect(to.accepts).toBe(false);
    isDown = false;
    expect(await to.close(5_000)).toBe(true);
    expect(to.accepts).toBe(true);
    for (const one of rows) expect(await stores.activations.get('guest', one.activationId)).toBe(one.record);
  });

  it('keeps a 202 and its record together until both are stored', async () => {
    const own = journal(1n, { journalSegmentBytes: 1 });
    const to = recorder(own);
    const one = row();
    await new Promise<void>((resolve) => to.owed(accepted(one, now), resolve));
    expect(files()).toHaveLength(1);
    await finish(to, one);
    expect(files()).toHaveLength(2);
    expect(await to.close(1_000)).toBe(true);
    expect(files()).toEqual([]);
  });
});
