// The journal: finished records of this incarnation on local disk, until the store has them.
//
// Guarantees: everything that was appended in one turn of the event loop is written with one synchronous write at its end, without fsync, and
// only then its owners are told; the death of the process loses nothing that was told, the loss of the machine may. Files are segments that
// are deleted once all of their entries are stored. At the disk bound, or when a write fails, owners are still told and their records stay in
// memory (the recorder holds them); `isDegraded` then says so. Others only read the files of a dead incarnation (journal-replay.ts).
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import { formatEntry, type JournalEntry } from './journal-format';

/** Where an entry stands; give it back with `stored`. */
export interface JournalPlace {
  readonly segment: Segment | undefined;
}

interface Segment {
  readonly path: string;
  readonly fd: number;
  bytes: number;
  unstored: number;
  full: boolean;
}

interface Pending {
  readonly text: string;
  readonly written: (place: JournalPlace) => void;
}

/** `<controller>.<incarnation>`, with which the names of its files begin. */
export function journalOwner(controllerId: string, incarnation: bigint): string {
  return `${encodeURIComponent(controllerId)}.${incarnation}`;
}

/** `<controller>.<incarnation>.<number>.journal` */
export function segmentName(controllerId: string, incarnation: bigint, number: number): string {
  return `${journalOwner(controllerId, incarnation)}.${number}.journal`;
}

export class Journal {
  private pending: Pending[] = [];
  private scheduled = false;
  private segment: Segment | undefined;
  private readonly segments = new Set<Segment>();
  private segmentCount = 0;
  private diskBytes = 0;
  private failing = false;

  constructor(
    private readonly directory: string,
    private readonly controllerId: string,
    private readonly incarnation: bigint,
    private readonly limits: Pick<Limits, 'journalBytes' | 'journalSegmentBytes'>,
    private readonly logger: Logger,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  get isDegraded(): boolean {
    return this.failing || this.diskBytes >= this.limits.journalBytes;
  }

  /** Bytes on disk that are not yet known to be stored. */
  get bytes(): number {
    return this.diskBytes;
  }

  /** `written` is called at the end of this turn, in the order of the appends. */
  append(entry: JournalEntry, written: (place: JournalPlace) => void): void {
    this.pending.push({ text: formatEntry(entry), written });
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** The store has what stands there. */
  stored({ segment }: JournalPlace): void {
    if (!segment) return;
    segment.unstored -= 1;
    if (segment.unstored === 0 && segment.full) this.drop(segment);
  }

  /** Writes what is pending, and deletes what is stored. */
  close(): void {
    this.flush();
    if (this.segment) this.segment.full = true;
    for (const segment of [...this.segments]) if (segment.unstored === 0) this.drop(segment);
    this.segment = undefined;
  }

  private flush(): void {
    this.scheduled = false;
    const { pending } = this;
    if (pending.length === 0) return;
    this.pending = [];
    const segment = this.write(pending.length === 1 ? pending[0]!.text : pending.map(({ text }) => text).join(''));
    if (segment) segment.unstored += pending.length;
    for (const { written } of pending) written({ segment });
    if (segment && segment.bytes >= this.limits.journalSegmentBytes) {
      this.giveUp(segment);
      this.segment = undefined;
    }
  }

  private write(text: string): Segment | undefined {
    if (this.diskBytes >= this.limits.journalBytes) return undefined;
    try {
      this.segment ??= this.open();
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(this.segment.fd, bytes, at);
      this.segment.bytes += bytes.length;
      this.diskBytes += bytes.length;
      if (this.failing) this.logger.info('journal: writing again');
      this.failing = false;
      return this.segment;
    } catch (error) {
      if (!this.failing)
        this.logger.error(
          { err: error },
          'journal: cannot write; finished records stay in memory until the store has them',
        );
      this.failing = true;
      // What was half written is a torn tail for a reader: later entries must not follow it.
      if (this.segment) this.giveUp(this.segment);
      this.segment = undefined;
      return undefined;
    }
  }

  private open(): Segment {
    this.segmentCount += 1;
    const path = join(this.directory, segmentName(this.controllerId, this.incarnation, this.segmentCount));
    const segment: Segment = { path, fd: openSync(path, 'ax', 0o600), bytes: 0, unstored: 0, full: false };
    this.segments.add(segment);
    return segment;
  }

  /** Nothing more is written to it. One that holds nothing goes at once: a disk that is full would collect them, each with an open file. */
  private giveUp(segment: Segment): void {
    segment.full = true;
    if (segment.unstored === 0) this.drop(segment);
  }

  private drop(segment: Segment): void {
    this.segments.delete(segment);
    this.diskBytes -= segment.bytes;
    closeSync(segment.fd);
    unlinkSync(segment.path);
  }
}
