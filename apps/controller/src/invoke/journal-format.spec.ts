// What is read of a journal: every entry as it was written, whatever its texts hold, and beside damage all others that can be told for certain.
import fc from 'fast-check';
import type { ActivationRow } from '#store';
import { formatEntry, type JournalEntry, readEntries } from './journal-format';

const aText = fc.string({ unit: 'binary', maxLength: 60 });
const aRow: fc.Arbitrary<ActivationRow> = fc.record({
  namespace: aText,
  activationId: fc.stringMatching(/^[0-9a-f]{32}$/),
  acceptedAt: fc.nat(),
  start: fc.nat(),
  end: fc.option(fc.nat(), { nil: undefined }),
  name: aText,
  packageName: fc.option(aText, { nil: undefined }),
  statusCode: fc.nat(3),
  summary: aText,
  record: aText,
});
const anEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
  aRow.map((row) => ({ type: 'record' as const, row })),
  fc.tuple(aRow, fc.nat()).map(([row, overAt]) => {
    const { namespace, activationId, acceptedAt } = row;
    return { type: 'accepted' as const, namespace, activationId, acceptedAt, overAt, row };
  }),
);
const someEntries = fc.array(anEntry, { minLength: 1, maxLength: 6 });

const bytesOf = (entry: JournalEntry): Buffer => Buffer.from(formatEntry(entry));
const isPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const sameEntries = (found: readonly JournalEntry[], wanted: readonly JournalEntry[]): void =>
  expect(isPlain(found)).toEqual(isPlain(wanted));
/** Where the lengths stand in a head. */
const lengthsAt = (bytes: Buffer): number => bytes.indexOf(',"summaryBytes":');

describe('readEntries', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(someEntries, (entries) => {
        const read = readEntries(Buffer.concat(entries.map(bytesOf)));
        sameEntries(read.entries, entries);
        expect(read).toMatchObject({ damaged: [], tornBytes: 0, isFollowed: false });
      }),
    );
  });

  it('ends at a torn tail, wherever it was torn', () => {
    fc.assert(
      fc.property(someEntries, fc.nat(), (entries, cut) => {
        const parts = entries.map(bytesOf);
        const length = cut % Buffer.concat(parts).length;
        const read = readEntries(Buffer.concat(parts).subarray(0, length));
        const whole: JournalEntry[] = [];
        let at = 0;
        for (const [n, part] of parts.entries()) {
          if (at + part.length > length) break;
          whole.push(entries[n]!);
          at += part.length;
        }
        sameEntries(read.entries, whole);
        expect(read).toMatchObject({ damaged: [], tornBytes: length - at, isFollowed: false });
      }),
    );
  });

  it('skips entries whose heads are damaged, says where they stand, and reads all others', () => {
    const aPart = fc.tuple(anEntry, fc.boolean(), fc.nat(), fc.constantFrom(0, 0xff, 34, 125));
    fc.assert(
      fc.property(fc.array(aPart, { minLength: 1, maxLength: 6 }), (parts) => {
        const wanted: JournalEntry[] = [];
        const damaged: { at: number; bytes: number }[] = [];
        let at = 0;
        const file = parts.map(([entry, isDamaged, place, byte]) => {
          const bytes = bytesOf(entry);
          // The first byte is the brace: nothing that begins with another is a head. A control character is nowhere in JSON.
          if (isDamaged) bytes[byte === 0 ? place % lengthsAt(bytes) : 0] = byte;
          if (isDamaged) damaged.push({ at, bytes: bytes.length });
          else wanted.push(entry);
          at += bytes.length;
          return bytes;
        });
        const read = readEntries(Buffer.concat(file));
        sameEntries(read.entries, wanted);
        expect(read).toMatchObject({ damaged, tornBytes: 0, isFollowed: false });
      }),
    );
  });

  it('ends at an entry whose lengths are damaged, and says whether a whole one follows', () => {
    fc.assert(
      fc.property(someEntries, fc.nat(), fc.constantFrom('lengths', 'newline'), (entries, choice, what) => {
        const parts = entries.map(bytesOf);
        const one = choice % parts.length;
        const bytes = parts[one]!;
        bytes[what === 'lengths' ? lengthsAt(bytes) + 2 : bytes.indexOf(10)] = 0x78;
        const read = readEntries(Buffer.concat(parts));
        sameEntries(read.entries, entries.slice(0, one));
        expect(read).toMatchObject({
          damaged: [],
          tornBytes: Buffer.concat(parts.slice(one)).length,
          isFollowed: one < parts.length - 1,
        });
      }),
    );
  });

  it('throws at nothing, reads all before the first damaged byte, and accounts for every byte', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(someEntries, changes, (entries, changed) => {
        const parts = entries.map(bytesOf);
        const file = Buffer.concat(parts);
        for (const [place, byte] of changed) file[place % file.length] = byte;
        const first = Math.min(file.length, ...changed.map(([place]) => place % file.length));
        const read = readEntries(file);
        let intact = 0;
        for (let at = 0; intact < parts.length && at + parts[intact]!.length <= first; intact += 1)
          at += parts[intact]!.length;
        sameEntries(read.entries.slice(0, intact), entries.slice(0, intact));
        const skippedBytes = read.damaged.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(skippedBytes + read.tornBytes).toBeLessThanOrEqual(file.length);
        if (read.entries.length === 0) expect(skippedBytes + read.tornBytes).toBe(file.length);
      }),
    );
  });

  const row: ActivationRow = {
    ...{ namespace: 'guest', activationId: '0'.repeat(32), acceptedAt: 1, start: 1, end: 2, name: 'a' },
    ...{ packageName: undefined, statusCode: 0, summary: '{}', record: '{}' },
  };
  const good = bytesOf({ type: 'record', row });

  it.each([
    ['null', '{"type":"record","facts":null'],
    ['of no type', '{"facts":{"namespace":"guest","activationId":"1"}'],
    ['of another type', '{"type":"other","facts":{"namespace":"guest","activationId":"1"}'],
    ['of nobody', '{"type":"record","facts":{"activationId":"1"}'],
    ['without an id', '{"type":"record","facts":{"namespace":"guest"}'],
    ['accepted by nobody', '{"type":"accepted","acceptedAt":1,"overAt":2,"facts":{"namespace":"g","activationId":"1"}'],
    [
      'without its times',
      '{"type":"accepted","namespace":"g","activationId":"1","facts":{"namespace":"g","activationId":"1"}',
    ],
  ])('skips one whose head is JSON, but %s', (_, head) => {
    const bad = Buffer.from(`${head},"summaryBytes":1,"recordBytes":1}\nab\n`);
    const read = readEntries(Buffer.concat([good, bad, good]));
    expect(read.entries).toHaveLength(2);
    expect(read).toMatchObject({ damaged: [{ at: good.length, bytes: bad.length }], tornBytes: 0 });
  });

  it('takes nothing for an entry that the result of an action says, whatever was damaged before it', () => {
    const forged = formatEntry({ type: 'record', row: { ...row, namespace: 'somebody-else' } });
    const lengths = ',"summaryBytes":0,"recordBytes":0}';
    const entry = bytesOf({ type: 'record', row: { ...row, record: `[1${lengths}\n\n${forged}]` } });
    for (let at = 0; at < entry.length; at += 1) {
      const damaged = Buffer.from(entry);
      damaged[at] = 0;
      const { entries } = readEntries(Buffer.concat([good, damaged, good]));
      expect(entries.filter((one) => one.row.namespace === 'somebody-else')).toEqual([]);
    }
  });
});
