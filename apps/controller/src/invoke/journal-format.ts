// How entries stand in a journal file: a head line of JSON with the lengths of what follows, then the text, then a newline. Pure.
//
// Guarantees: an entry is read only if it is complete, so a torn tail (the process died while writing) ends the reading and loses nothing
// that was answered; texts may contain anything.
import type { ActivationRow } from '#store';

/** A finished record. */
export interface RecordEntry {
  readonly type: 'record';
  readonly row: ActivationRow;
}

/** A blocking call was answered 202: if no record follows, one is owed. */
export interface AcceptedEntry {
  readonly type: 'accepted';
  readonly namespace: string;
  readonly activationId: string;
  readonly acceptedAt: number;
  /** When nothing can be running any more, wall clock. */
  readonly overAt: number;
  /** The row to insert if no record is found. */
  readonly row: ActivationRow;
}

export type JournalEntry = RecordEntry | AcceptedEntry;

const entryBytesMax = 64 * 1_048_576;

export function formatEntry(entry: JournalEntry): string {
  const { record, summary } = entry.row;
  const lengths = `"summaryBytes":${Buffer.byteLength(summary)},"recordBytes":${Buffer.byteLength(record)}`;
  return `${entry.type === 'record' ? recordHead(entry.row) : acceptedHead(entry)},${lengths}}\n${summary}${record}\n`;
}

// Laid out by hand: it runs for every invocation before its reply.
function recordHead(row: ActivationRow): string {
  return `{"type":"record","facts":${factsText(row)}`;
}

function acceptedHead({ namespace, activationId, acceptedAt, overAt, row }: AcceptedEntry): string {
  const rest = JSON.stringify({ type: 'accepted', namespace, activationId, acceptedAt, overAt });
  return `${rest.slice(0, -1)},"facts":${factsText(row)}`;
}

/** The row without its two texts. */
function factsText(row: ActivationRow): string {
  const { namespace, activationId, acceptedAt, start, end, name, packageName, statusCode, settles, isUnkept } = row;
  const endText = end === undefined ? '' : `,"end":${end}`;
  const packageText = packageName === undefined ? '' : `,"packageName":${JSON.stringify(packageName)}`;
  const settlesText = settles === undefined ? '' : `,"settles":${JSON.stringify(settles)}`;
  const unkeptText = isUnkept ? ',"isUnkept":true' : '';
  const names = `"namespace":${JSON.stringify(namespace)},"name":${JSON.stringify(name)}${packageText}`;
  const times = `"acceptedAt":${acceptedAt},"start":${start}${endText}`;
  return `{${names},"activationId":"${activationId}",${times},"statusCode":${statusCode}${settlesText}${unkeptText}}`;
}

/** Every complete entry of a file, in order. `torn` says how many bytes at its end are none. */
export function readEntries(file: Buffer): { entries: JournalEntry[]; tornBytes: number } {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < file.length) {
    const entry = readEntry(file, at);
    if (!entry) break;
    entries.push(entry.entry);
    at = entry.next;
  }
  return { entries, tornBytes: file.length - at };
}

interface Head {
  facts: Omit<ActivationRow, 'record' | 'summary'>;
  summaryBytes: number;
  recordBytes: number;
}

function readEntry(file: Buffer, at: number): { entry: JournalEntry; next: number } | undefined {
  const newline = file.indexOf(10, at);
  if (newline === -1) return undefined;
  let head: Head & JournalEntry;
  try {
    head = JSON.parse(file.toString('utf8', at, newline)) as Head & JournalEntry;
  } catch {
    // A torn or foreign line: reading ends here, as for a missing tail.
    return undefined;
  }
  const { facts, summaryBytes, recordBytes, ...rest } = head;
  const recordAt = newline + 1 + summaryBytes;
  const end = recordAt + recordBytes;
  if (!(summaryBytes >= 0 && recordBytes >= 0 && summaryBytes + recordBytes <= entryBytesMax) || file[end] !== 10)
    return undefined;
  const row: ActivationRow = {
    ...facts,
    summary: file.toString('utf8', newline + 1, recordAt),
    record: file.toString('utf8', recordAt, end),
  };
  return { entry: { ...rest, row } as JournalEntry, next: end + 1 };
}
