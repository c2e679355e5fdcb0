// Journals with damage in their middle, replayed into a real store.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { defaultLimits } from '#limits';
import { type ActivationRow, openSqliteStores, type Stores } from '#store';
import { type Logger, silentLogger } from '#telemetry';
import { newActivationId } from './activation-id';
import { formatEntry } from './journal-format';
import { JournalReplay } from './journal-replay';
import { RefusedRecords } from './refused-records';

const now = 1_700_000_000_000;
const row = (activationId = newActivationId(now)): ActivationRow => ({
  ...{ namespace: 'guest', activationId, acceptedAt: now, start: now, end: now + 5, name: 'hello' },
  ...{ packageName: undefined, statusCode: 0, summary: '{}', record: `{"activationId":"${activationId}"}` },
});

interface Said {
  level: 'error' | 'warn';
  facts: { activationIds?: string[] };
  sentence: string;
}

describe('damaged entries of a journal', () => {
  let directory: string;
  let journalDirectory: string;
  let setAsideDirectory: string;
  let stores: Stores;
  let said: Said[];
  let logger: Logger;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-damaged-'));
    journalDirectory = join(directory, 'journal');
    setAsideDirectory = join(journalDirectory, 'refused');
    mkdirSync(journalDirectory);
    stores = await openSqliteStores({ path: join(directory, 'hearth.db') });
    said = [];
    const say =
      (level: Said['level']) =>
      (facts: Said['facts'] | string, sentence = ''): void =>
        void said.push(typeof facts === 'string' ? { level, facts: {}, sentence: facts } : { level, facts, sentence });
    logger = { ...silentLogger, info: () => undefined, warn: say('warn'), error: say('error') } as unknown as Logger;
  });
  afterEach(async () => {
    await stores.close();
    rmSync(directory, { recursive: true });
  });

  const setAside = (): string[] => (existsSync(setAsideDirectory) ? readdirSync(setAsideDirectory) : []);
  const segments = (): string[] => readdirSync(journalDirectory).filter((name) => name.endsWith('.journal'));
  const errors = (): Said[] => said.filter(({ level }) => level === 'error');
  const stored = ({ activationId }: ActivationRow) => stores.activations.get('guest', activationId);
  const refusedWith = (limits = {}) =>
    new RefusedRecords(journalDirectory, stores.activations, { ...defaultLimits, ...limits }, systemClock, logger);
  const replayWith = (refused: RefusedRecords) =>
    new JournalReplay(journalDirectory, 'c0', 2n, stores.activations, systemClock, logger, refused);

  it('are kept beside the records that the store refuses, told and counted, and all others are stored', async () => {
    const refused = refusedWith();
    const rows = [row(), row(), row(), row(), row()] as const;
    const [first, headless, second, lengthless, last] = rows;
    const texts = rows.map((each) => formatEntry({ type: 'record', row: each }));
    texts[1] = texts[1]!.replace('{', '?');
    texts[3] = texts[3]!.replace('"summaryBytes"', '"summaryBites"');
    const path = join(journalDirectory, 'c0.1.1.journal');
    writeFileSync(path, texts.join(''));
    // Torn, as when its controller died.
    writeFileSync(join(journalDirectory, 'c0.1.2.journal'), formatEntry({ type: 'record', row: row() }).slice(0, -1));
    const replay = replayWith(refused);
    expect((await replay.run()).records).toBe(2);
    for (const good of [first, second]) expect(await stored(good)).toBe(good.record);
    for (const lost of [headless, lengthless, last]) expect(await stored(lost)).toBeUndefined();
    expect(replay.damagedCount).toBe(2);
    const kept = join(setAsideDirectory, 'c0.1.1.journal.damaged');
    expect(readFileSync(kept, 'utf8')).toBe([texts[1], texts[3], texts[4]].join(''));
    expect(segments()).toEqual([]);
    const ids = [headless, lengthless, last].map(({ activationId }) => activationId);
    expect(errors()).toMatchObject([{ facts: { activationIds: ids } }]);
    expect(errors()[0]!.sentence).toContain(`${path} is damaged: 1 damaged entries are skipped, and nothing is read`);
    expect(errors()[0]!.sentence).toContain(kept);
    expect(said.filter(({ level }) => level === 'warn')).toHaveLength(1);
    // Several that are mended stay, so that none is lost; one that is is stored.
    writeFileSync(kept, [formatEntry({ type: 'record', row: headless }), texts[4]].join(''));
    await refused.tryAgain();
    expect(setAside()).toHaveLength(1);
    writeFileSync(kept, formatEntry({ type: 'record', row: headless }));
    await refused.tryAgain();
    expect(setAside()).toEqual([]);
    expect(await stored(headless)).toBe(headless.record);
  });

  it('are said to be lost if there is no room for them', async () => {
    const refused = refusedWith({ refusedRecordsBytes: 0 });
    const text = formatEntry({ type: 'record', row: row() });
    writeFileSync(join(journalDirectory, 'c0.1.1.journal'), text.replace('{', '?') + text);
    expect((await replayWith(refused).run()).records).toBe(1);
    expect(errors().map(({ sentence }) => sentence)).toEqual([expect.stringContaining('what they held is lost')]);
    expect(segments()).toEqual([]);
  });
});
