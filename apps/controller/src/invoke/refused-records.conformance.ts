// What becomes of records that a real store refuses for good, through recorder, journal and replay. Run over each database's stores.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, systemClock } from '#clock';
import { defaultLimits } from '#limits';
import { type ActivationRow, StoreError, type Stores } from '#store';
import { type Logger, silentLogger } from '#telemetry';
import { until } from '../../../../test/support/until';
import { newActivationId } from './activation-id';
import { Journal } from './journal';
import { formatEntry } from './journal-format';
import { JournalReplay } from './journal-replay';
import { settleLostStarts } from './lost-starts';
import { Recorder } from './recorder';
import { RefusedRecords } from './refused-records';

const now = 1_700_000_000_000;
const row = (more: Partial<ActivationRow> = {}, activationId = newActivationId(now)): ActivationRow => ({
  namespace: 'guest',
  activationId,
  acceptedAt: now,
  start: now,
  end: now + 5,
  name: 'hello',
  packageName: undefined,
  statusCode: 0,
  summary: `{"activationId":"${activationId}"}`,
  record: `{"activationId":"${activationId}","secret":"in the text"}`,
  ...more,
});
/** No database of ours takes one without a name. */
const bad = (more: Partial<ActivationRow> = {}): ActivationRow => row({ ...more, name: null as unknown as string });

/** The text of a queue row of an action of that name. */
const lostInvocation = (name: string): string =>
  JSON.stringify({
    ...{ transactionId: 't', payload: '{}' },
    action: {
      ...{ namespace: 'guest', name, fullyQualifiedName: `guest/${name}`, version: '0.0.1' },
      ...{ exec: { kind: 'nodejs:20' }, limits: { timeout: 1, memory: 256, logs: 10, concurrency: 1 } },
    },
    identity: { subject: 'guest', namespace: 'guest', uuid: 'u', limits: {} },
  });

interface Said {
  level: 'error' | 'warn';
  facts: { err?: Error; activationId?: string };
  sentence: string;
}

export function describeRefusedRecords(open: (directory: string) => Promise<Stores>): void {
  describe('records that the store refuses for good', () => {
    let directory: string;
    let stores: Stores;
    let said: Said[];
    let logger: Logger;
    const closing: (() => unknown)[] = [];
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'hearth-refused-'));
      stores = await open(directory);
      said = [];
      const say =
        (level: Said['level']) =>
        (facts: Said['facts'] | string, sentence = ''): void =>
          void said.push(
            typeof facts === 'string' ? { level, facts: {}, sentence: facts } : { level, facts, sentence },
          );
      logger = { ...silentLogger, info: () => undefined, warn: say('warn'), error: say('error') } as unknown as Logger;
    });
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
      await stores.close();
      rmSync(directory, { recursive: true });
    });

    const journalDirectory = (): string => join(directory, 'journal');
    const setAsideDirectory = (): string => join(journalDirectory(), 'refused');
    const setAside = (): string[] => (existsSync(setAsideDirectory()) ? readdirSync(setAsideDirectory()) : []);
    const segments = (): string[] => readdirSync(journalDirectory()).filter((name) => name.endsWith('.journal'));
    const errors = (): Said[] => said.filter(({ level }) => level === 'error');
    const stored = ({ activationId }: ActivationRow) => stores.activations.get('guest', activationId);
    function partsWith(limits = {}, insert = stores.activations.insert, clock = systemClock) {
      const all = { ...defaultLimits, recordBatchMs: 5, ...limits };
      const refused = new RefusedRecords(journalDirectory(), { insert }, all, clock, logger);
      const journal = new Journal(journalDirectory(), 'c0', 1n, all, logger);
      const recorder = new Recorder(journal, { insert }, all, clock, logger, refused);
      closing.push(() => recorder.close(0));
      return { refused, journal, recorder };
    }
    const finish = (to: Recorder, one: ActivationRow): Promise<void> =>
      new Promise((resolve) => to.finished(one, resolve));
    const finishAll = (to: Recorder, rows: readonly ActivationRow[]) => Promise.all(rows.map((one) => finish(to, one)));
    const replayWith = (refused: RefusedRecords) =>
      new JournalReplay(journalDirectory(), 'c0', 2n, stores.activations, systemClock, logger, refused);

    it('are found in their batch and set aside with id, reason and place; all others are stored, and the journal is given up', async () => {
      const { recorder, refused } = partsWith();
      const good = Array.from({ length: 120 }, () => row());
      const [one, other] = [bad(), bad()];
      await finishAll(recorder, [...good.slice(0, 50), one, ...good.slice(50, 90), other, ...good.slice(90)]);
      expect(await recorder.close(20_000)).toBe(true);
      for (const each of good) expect(await stored(each)).toBe(each.record);
      expect(await stores.activations.count({ namespace: 'guest', skip: 0 })).toBe(120);
      expect(segments()).toEqual([]);
      expect(recorder.accepts).toBe(true);
      expect(refused.kept).toBe(2);
      expect(setAside().sort()).toEqual([one, other].map(({ activationId }) => `${activationId}.record`).sort());
      expect(readFileSync(join(setAsideDirectory(), `${one.activationId}.record`), 'utf8')).toContain(one.record);
      const lines = errors();
      expect(lines).toHaveLength(2);
      const line = lines.find(({ facts }) => facts.activationId === one.activationId);
      expect(line?.facts.err?.message).toMatch(/not.null/i);
      expect(line?.sentence).toContain(join(setAsideDirectory(), `${one.activationId}.record`));
      expect(JSON.stringify(lines)).not.toContain('in the text');
    });

    it('are set aside after a time even if no other comes, and until then are tried with back-off', async () => {
      const clock = new ManualClock();
      const { recorder } = partsWith({ refusedRecordMs: 1_000 }, undefined, clock);
      const one = bad();
      await finish(recorder, one);
      await recorder.flush();
      await recorder.flush();
      expect(setAside()).toEqual([]);
      expect(recorder.waitingCount).toBe(1);
      expect(recorder.isDegraded).toBe(true);
      clock.advance(1_000);
      await until('it is off its hands', () => !recorder.isDegraded);
      expect(recorder.waitingCount).toBe(0);
      expect(setAside()).toEqual([`${one.activationId}.record`]);
    });

    it('are set aside as soon as another is taken, and bring nobody into their queue rows again', async () => {
      const { recorder } = partsWith();
      const queued = { activationId: newActivationId(now), namespace: 'guest', acceptedAt: now, invocation: '{}' };
      await stores.queue.enqueue([queued], 10);
      const [claimed] = await stores.queue.claim('me', 1, 60_000);
      await stores.queue.start('me', [{ ...claimed!, timeLimitMs: 1 }]);
      const one = {
        ...bad({ settles: { owner: 'me', attempt: claimed!.attempt } }),
        activationId: queued.activationId,
      };
      await finish(recorder, one);
      await recorder.flush();
      expect(setAside()).toEqual([]);
      await finish(recorder, row());
      await until('both are off its hands', () => recorder.flush().then(() => recorder.waitingCount === 0));
      expect(setAside()).toEqual([`${one.activationId}.record`]);
      expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 0, started: 0 });
    });

    it('is what none of a store is that refuses everything: nothing is set aside, and a few tries are made', async () => {
      let tries = 0;
      let isMended = false;
      const insert = (rows: readonly ActivationRow[]): Promise<void> => {
        tries += 1;
        return isMended ? stores.activations.insert(rows) : Promise.reject(new Error('no such table: activations'));
      };
      const { recorder } = partsWith({}, insert);
      const rows = Array.from({ length: 300 }, () => row());
      await finishAll(recorder, rows);
      await recorder.flush();
      expect(tries).toBeLessThan(40);
      expect(recorder.waitingCount).toBe(300);
      expect(errors()).toEqual([]);
      isMended = true;
      expect(await recorder.close(20_000)).toBe(true);
      expect(setAside()).toEqual([]);
      for (const one of rows) expect(await stored(one)).toBe(one.record);
    });

    it('are no different while the store is away: nothing is blamed, however long it takes', async () => {
      let isAway = true;
      const insert = (rows: readonly ActivationRow[]): Promise<void> =>
        isAway ? Promise.reject(new StoreError('unavailable', 'away')) : stores.activations.insert(rows);
      const { recorder } = partsWith({ refusedRecordMs: 0 }, insert);
      const [one, good] = [bad(), row()];
      await finishAll(recorder, [one, good]);
      for (let round = 0; round < 3; round += 1) await recorder.flush();
      expect(recorder.waitingCount).toBe(2);
      expect(setAside()).toEqual([]);
      isAway = false;
      expect(await recorder.close(20_000)).toBe(true);
      expect(await stored(good)).toBe(good.record);
      expect(setAside()).toEqual([`${one.activationId}.record`]);
    });

    it('stay bounded on the disk; beyond, one is given up by name if the store takes others, and else goes on waiting', async () => {
      const { recorder, refused } = partsWith({ refusedRecordsBytes: 4_096, refusedRecordMs: 0 });
      await finishAll(recorder, [row(), bad(), bad()]);
      await until('they are off its hands', () => recorder.flush().then(() => recorder.waitingCount === 0));
      expect([refused.kept, refused.givenUp]).toEqual([1, 1]);
      expect(setAside()).toHaveLength(1);
      expect(errors().filter(({ sentence }) => sentence.includes('the record is lost'))).toHaveLength(1);
      await finish(recorder, bad());
      await recorder.flush();
      expect(recorder.waitingCount).toBe(1);
      expect(refused.givenUp).toBe(1);
    });

    it('are given up like any other if not even a file can be made of them', async () => {
      const { refused } = partsWith();
      const shapeless = bad({ record: undefined as unknown as string });
      expect(await refused.setAside(shapeless, new Error('no'), false)).toBe(false);
      expect(await refused.setAside(shapeless, new Error('no'), true)).toBe(true);
      expect([refused.kept, refused.givenUp, setAside()]).toEqual([0, 1, []]);
    });

    it('keep no controller from starting: a replay sets them aside, too', async () => {
      const { refused } = partsWith();
      const [first, one, last] = [row(), bad(), row()];
      const text = [first, one, last].map((each) => formatEntry({ type: 'record', row: each })).join('');
      writeFileSync(join(journalDirectory(), 'c0.1.1.journal'), text);
      await replayWith(refused).run();
      for (const good of [first, last]) expect(await stored(good)).toBe(good.record);
      expect(setAside()).toEqual([`${one.activationId}.record`]);
      expect(segments()).toEqual([]);
    });

    describe('of lost starts', () => {
      const lostOf = async (names: readonly string[]): Promise<string[]> => {
        const rows = names.map((name) => ({
          ...{ activationId: newActivationId(now), namespace: 'guest', acceptedAt: now },
          invocation: lostInvocation(name),
        }));
        await stores.queue.enqueue(rows, 100);
        const claimed = await stores.queue.claim('dead/1', 100, 60_000);
        await stores.queue.start(
          'dead/1',
          claimed.map((one) => ({ ...one, timeLimitMs: 1 })),
        );
        return rows.map(({ activationId }) => activationId);
      };
      /** What the store itself refuses: no database of ours takes one without a name. */
      const insert = (rows: readonly ActivationRow[]): Promise<void> =>
        stores.activations.insert(
          rows.map((one) => (one.name === 'unstorable' ? { ...one, name: null as unknown as string } : one)),
        );
      const settle = (limits = {}): Promise<void> => {
        const { refused } = partsWith(limits, insert);
        const parts = { queue: stores.queue, activations: { insert }, refused, limits: defaultLimits, logger };
        return settleLostStarts(parts, { owners: ['dead/1'] });
      };

      it('are set aside; all others end as whisk internal errors', async () => {
        const names = Array.from({ length: 20 }, (_, n) => (n === 7 ? 'unstorable' : 'lost'));
        const ids = await lostOf(names);
        await settle();
        for (const [n, id] of ids.entries()) {
          const record = await stores.activations.get('guest', id);
          if (n === 7) expect(record).toBeUndefined();
          else expect(JSON.parse(record!)).toMatchObject({ response: { status: 'whisk internal error' } });
        }
        expect(setAside()).toEqual([`${ids[7]}.record`]);
        expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 0, started: 0 });
      });

      it('stay in their rows if they can be neither stored nor set aside, and keep nobody from going on', async () => {
        const [id] = await lostOf(['unstorable']);
        await settle({ refusedRecordsBytes: 0 });
        expect(setAside()).toEqual([]);
        expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 0, started: 1 });
        await settle();
        expect(setAside()).toEqual([`${id}.record`]);
        expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 0, started: 0 });
      });
    });

    it('are tried again by a later start, and their files go once the store takes them', async () => {
      const { refused, recorder } = partsWith();
      const one = bad();
      await finishAll(recorder, [row(), one]);
      await until('it is set aside', () => recorder.flush().then(() => setAside().length === 1));
      await refused.tryAgain();
      expect(setAside()).toHaveLength(1);
      // As if its cause were mended.
      const path = join(setAsideDirectory(), `${one.activationId}.record`);
      writeFileSync(path, formatEntry({ type: 'record', row: { ...one, name: 'hello' } }));
      writeFileSync(join(setAsideDirectory(), 'torn.record'), 'no entry');
      await refused.tryAgain();
      expect(await stored(one)).toBe(one.record);
      expect(setAside()).toEqual(['torn.record']);
    });

    describe('and whose files', () => {
      const pathOf = (name: string): string => join(setAsideDirectory(), name);
      const put = (name: string, text: string, ageMs = 0): void => {
        mkdirSync(setAsideDirectory(), { recursive: true });
        writeFileSync(pathOf(name), text);
        const writtenAt = (systemClock.wallMs() - ageMs) / 1_000;
        utimesSync(pathOf(name), writtenAt, writtenAt);
      };
      const textOf = (one: ActivationRow): string => formatEntry({ type: 'record', row: one });
      const day = 86_400_000;

      it.each([
        ['are torn', () => textOf(row()).slice(0, -10)],
        ['are empty', () => ''],
        ['hold no entry', () => 'no entry\n'],
        ['hold JSON that is none', () => 'null\n'],
      ])('%s are named at each start, with what to do, and keep no other from being tried', async (_, text) => {
        const good = row();
        put('a.record', text());
        // A directory cannot be read as a file, as little as one of somebody else.
        mkdirSync(pathOf('b.record'));
        put(`${good.activationId}.record`, textOf(good));
        for (let start = 1; start <= 2; start += 1) {
          await partsWith().refused.tryAgain();
          for (const name of ['a.record', 'b.record'])
            expect(errors().filter(({ sentence }) => sentence.includes(pathOf(name)))).toHaveLength(start);
        }
        expect(errors()[0]!.sentence).toMatch(/remove it/);
        expect(await stored(good)).toBe(good.record);
        expect(setAside()).toEqual(['a.record', 'b.record']);
      });

      it('are as old as a stored record becomes, go at a start, after a last try', async () => {
        const [good, refusedStill] = [row(), bad()];
        put('damaged.record', 'no entry', 8 * day);
        put('young.record', 'no entry', 6 * day);
        put(`${good.activationId}.record`, textOf(good), 8 * day);
        put(`${refusedStill.activationId}.record`, textOf(refusedStill), 8 * day);
        await partsWith().refused.tryAgain();
        expect(setAside()).toEqual(['young.record']);
        expect(await stored(good)).toBe(good.record);
        expect(errors()).toHaveLength(1);
        const sentences = said.map(({ sentence }) => sentence);
        for (const name of ['damaged.record', `${refusedStill.activationId}.record`])
          expect(sentences.filter((each) => each.includes(pathOf(name)) && each.includes('is removed ('))).toHaveLength(
            1,
          );
      });

      it('take all the room, make it when they are too old or removed by hand, without a start', async () => {
        const clock = new ManualClock(0, systemClock.wallMs());
        const { recorder, refused } = partsWith({ refusedRecordsBytes: 8_192 }, undefined, clock);
        const next = async (): Promise<string> => {
          const one = bad();
          await finishAll(recorder, [row(), one]);
          await until('it is off its hands', () => recorder.flush().then(() => recorder.waitingCount === 0));
          return `${one.activationId}.record`;
        };
        put('old.record', 'no entry', 6 * day);
        put('new.record', 'no entry');
        // What is not of this kind is somebody else's.
        put('note', 'x'.repeat(8_192));
        await next();
        expect([refused.kept, refused.givenUp]).toEqual([0, 1]);
        clock.advance(2 * day);
        const first = await next();
        expect(setAside().sort()).toEqual([first, 'new.record', 'note'].sort());
        rmSync(pathOf('new.record'));
        clock.advance(60_000);
        const second = await next();
        expect(setAside().sort()).toEqual([first, second, 'note'].sort());
        expect([refused.kept, refused.givenUp]).toEqual([2, 1]);
      });
    });
  });
}
