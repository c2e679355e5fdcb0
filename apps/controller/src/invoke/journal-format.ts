// How entries stand in a journal file: a head line of JSON with the lengths of what follows, then the text, then a newline. Pure.
//
// Guarantees: an entry is read only if it is complete, so a torn tail (the process died while writing) ends the reading and loses nothing
// that was answered; texts may contain anything. One whose head is damaged is skipped if its lengths can be read, and those after it are read;
// if they cannot, the reading ends, and says whether something followed. Damage within a text is not noticed here.
import { isObject } from '#entity';
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

/** A stretch of a file, in bytes. */
export interface Stretch {
  readonly at: number;
  readonly bytes: number;
}

export interface ReadEntries {
  readonly entries: JournalEntry[];
  /** Between or after the entries: what has the lengths of one, but a head that is none. */
  readonly damaged: Stretch[];
  /** At the end of the file, from the first place where not even lengths can be read. */
  readonly tornBytes: number;
  /** Something that looks like a whole entry stands in these: they are no mere tail. */
  readonly isFollowed: boolean;
}

/** Every complete entry of a file, in order. */
export function readEntries(file: Buffer): ReadEntries {
  const entries: JournalEntry[] = [];
  const damaged: Stretch[] = [];
  let at = 0;
  for (let frame = frameAt(file, at); frame; frame = frameAt(file, at)) {
    const entry = entryIn(file, frame);
    if (entry) entries.push(entry);
    else damaged.push({ at, bytes: frame.next - at });
    at = frame.next;
  }
  return { entries, damaged, tornBytes: file.length - at, isFollowed: isFollowed(file, at) };
}

interface Frame {
  readonly at: number;
  readonly summaryAt: number;
  readonly recordAt: number;
  /** Of the entry after it. */
  readonly next: number;
}

/** They stand last in a head, so that they can be read if the rest of it cannot. */
const lengthsForm = /,"summaryBytes":(\d+),"recordBytes":(\d+)\}$/;
/** More than they take. */
const lengthsBytesMax = 64;

/** Of an entry that is there to its end, whatever its head says. */
function frameAt(file: Buffer, at: number): Frame | undefined {
  const newline = file.indexOf(10, at);
  if (newline === -1) return undefined;
  const lengthsAt = Math.max(at, newline - lengthsBytesMax);
  const lengths = lengthsForm.exec(file.toString('latin1', lengthsAt, newline));
  // A head says them once. Another time they stand in a text, and the newline between is lost.
  if (!lengths || file.indexOf('"summaryBytes":', at) !== lengthsAt + lengths.index + 1) return undefined;
  const [summaryBytes, recordBytes] = [Number(lengths[1]), Number(lengths[2])];
  const summaryAt = newline + 1;
  const recordAt = summaryAt + summaryBytes;
  const end = recordAt + recordBytes;
  if (summaryBytes + recordBytes > entryBytesMax || file[end] !== 10) return undefined;
  return { at, summaryAt, recordAt, next: end + 1 };
}

function entryIn(file: Buffer, { at, summaryAt, recordAt, next }: Frame): JournalEntry | undefined {
  const head = headOf(file.toString('utf8', at, summaryAt - 1));
  if (!head) return undefined;
  const { facts, summaryBytes: _, recordBytes: __, ...rest } = head;
  const row: ActivationRow = {
    ...facts,
    summary: file.toString('utf8', summaryAt, recordAt),
    record: file.toString('utf8', recordAt, next - 1),
  };
  return { ...rest, row } as JournalEntry;
}

type Head = JournalEntry & {
  readonly facts: Omit<ActivationRow, 'record' | 'summary'>;
  readonly summaryBytes: number;
  readonly recordBytes: number;
};

function headOf(text: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(text);
    return isHead(head) ? head : undefined;
  } catch {
    // That it is no JSON is the answer.
    return undefined;
  }
}

/** Whose it is, at least: of what else it says the store judges. */
function isHead(value: unknown): value is Head {
  if (!isObject(value) || !isObject(value.facts)) return false;
  const { type, namespace, activationId, acceptedAt, overAt, facts } = value;
  const isOf = (...names: unknown[]): boolean => names.every((name) => typeof name === 'string');
  if (!isOf(facts.namespace, facts.activationId)) return false;
  if (type === 'record') return true;
  const isTimed = typeof acceptedAt === 'number' && typeof overAt === 'number';
  return type === 'accepted' && isTimed && isOf(namespace, activationId);
}

/**
 * Whether something that looks like a whole entry begins a line after `at`. It is not read: behind damaged lengths nobody knows where texts end,
 * and the result of an action may look like an entry.
 */
function isFollowed(file: Buffer, at: number): boolean {
  const begin = '\n{"type":"';
  for (let line = file.indexOf(begin, at); line !== -1; line = file.indexOf(begin, line + 1)) {
    const frame = frameAt(file, line + 1);
    if (frame && entryIn(file, frame)) return true;
  }
  return false;
}
