// Replays journals of the dead: of this controller's own earlier incarnations before it takes requests, and of other controllers that share the
// directory and died, then and from time to time, since one that is renamed or never started again does not do it itself.
//
// Guarantees: every complete record is inserted if absent, or set aside if the store refuses it for good (refused-records.ts), and then its
// file is deleted; an activation that was answered 202 and has no
// record ends as a whisk internal error once nothing can be running any more; a file that cannot be read is left where it is and reported, and
// what is damaged within one is kept apart and reported (damaged-entries.ts).
// Journals of others are touched only under their lock (journal-lock.ts). That two replay the same one at once changes nothing.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#clock';
import type { ActivationRow, ActivationStore } from '#store';
import type { Logger } from '#telemetry';
import { DamagedEntries } from './damaged-entries';
import { type AcceptedEntry, readEntries } from './journal-format';
import { lockJournal } from './journal-lock';
import type { RefusedRecords } from './refused-records';
import { storeOrSetAside } from './store-records';

export interface Replayed {
  readonly records: number;
  /** Answered 202, without a record, and not yet over. */
  readonly owed: readonly AcceptedEntry[];
  /** How long until all of them are. */
  readonly settleAfterMs: number;
  /** Files to delete once `owed` is settled. */
  readonly files: readonly string[];
}

interface JournalFile {
  readonly path: string;
  /** As in its name: of the controller, and of its incarnation. */
  readonly controller: string;
  readonly owner: string;
  readonly incarnation: bigint;
  readonly number: number;
}

/** Between two attempts to settle what a dead incarnation owed, while the store takes nothing. */
const settleAgainMs = 5_000;

export class JournalReplay {
  /** Owner of a journal -> when what is owed there is over, by the monotonic clock. */
  private readonly owedThere = new Map<string, number>();
  /** Paths that were reported. */
  private readonly unreadable = new Set<string>();
  private settling: NodeJS.Timeout | undefined;
  private readonly damaged: DamagedEntries;

  constructor(
    private readonly directory: string,
    private readonly controllerId: string,
    private readonly incarnation: bigint,
    private readonly activations: ActivationStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly refused: Pick<RefusedRecords, 'setAside' | 'keepDamaged'>,
  ) {
    this.damaged = new DamagedEntries(refused, logger);
  }

  /** Entries that could not be read. */
  get damagedCount(): number {
    return this.damaged.count;
  }

  /** Those of this controller's earlier incarnations. */
  async run(): Promise<Replayed> {
    const own = (await this.files('journal')).filter((file) => this.isOwn(file) && file.incarnation < this.incarnation);
    const replayed = await this.replay(own);
    for (const lock of await this.files('lock'))
      if (this.isOwn(lock) && lock.incarnation < this.incarnation) lockJournal(this.directory, lock.owner)?.remove();
    return replayed;
  }

  /** Those of other controllers that are dead. What is not yet over there is settled by a later call. */
  async runOthers(): Promise<void> {
    const others = (await this.files('journal')).filter((file) => !this.isOwn(file));
    for (const owner of new Set(others.map((file) => file.owner))) {
      if (this.clock.now() < (this.owedThere.get(owner) ?? 0)) continue;
      try {
        await this.replayOther(owner);
      } catch (error) {
        this.logger.warn({ err: error }, `journal replay: files ${owner}.* not replayed; trying again`);
      }
    }
  }

  private async replayOther(owner: string): Promise<void> {
    const lock = lockJournal(this.directory, owner);
    // It lives, or somebody else does this.
    if (!lock) return;
    let isOver = false;
    try {
      // Again, now that it writes no more: a record may stand in a later file than the promise of it.
      const files = (await this.files('journal')).filter((file) => file.owner === owner);
      const { owed, settleAfterMs } = await this.replay(files);
      isOver = owed.length === 0;
      if (isOver) this.owedThere.delete(owner);
      else this.owedThere.set(owner, this.clock.now() + settleAfterMs);
    } finally {
      if (isOver) lock.remove();
      else lock.release();
    }
  }

  private isOwn({ controller }: JournalFile): boolean {
    return controller === encodeURIComponent(this.controllerId);
  }

  private async replay(found: readonly JournalFile[]): Promise<Replayed> {
    const owed = new Map<string, AcceptedEntry>();
    const files: string[] = [];
    let records = 0;
    for (const { path } of found) {
      const bytes = await this.read(path);
      if (!bytes) continue;
      const read = readEntries(bytes);
      this.damaged.report(path, bytes, read);
      const rows: ActivationRow[] = [];
      for (const entry of read.entries) {
        if (entry.type === 'accepted') {
          owed.set(entry.activationId, entry);
          continue;
        }
        owed.delete(entry.row.activationId);
        rows.push(entry.row);
      }
      if (await this.store(rows)) files.push(path);
      records += rows.length;
    }
    const open: AcceptedEntry[] = [];
    const over: ActivationRow[] = [];
    for (const entry of owed.values()) {
      if ((await this.activations.get(entry.namespace, entry.activationId)) !== undefined) continue;
      if (entry.overAt <= this.clock.wallMs()) over.push(entry.row);
      else open.push(entry);
    }
    const isOverStored = await this.store(over);
    if (open.length === 0 && isOverStored) await this.delete(files);
    if (files.length > 0)
      this.logger.info(
        `journal replay: ${records} records and ${over.length} lost ones of ${files.length} files stored`,
      );
    const now = this.clock.wallMs();
    // No longer than it could run at all: the clock may have been set back since.
    const waitsMs = open.map(({ overAt, acceptedAt }) => Math.min(overAt - now, overAt - acceptedAt));
    return {
      records: records + over.length,
      owed: open,
      settleAfterMs: Math.max(0, ...waitsMs),
      files: open.length === 0 ? [] : files,
    };
  }

  /** Settles what `run` left open; the caller waits until it is over. */
  async settle(replayed: Replayed): Promise<void> {
    if (await this.store(replayed.owed.map(({ row }) => row))) await this.delete(replayed.files);
  }

  /** Does that once nothing of it can be running any more, as often as it takes. */
  settleLater(replayed: Replayed): void {
    const settle = (): void => {
      this.settle(replayed).catch((error: unknown) => {
        this.logger.warn({ err: error }, `journal replay: owed records not stored, again in ${settleAgainMs} ms`);
        this.settling = setTimeout(settle, settleAgainMs);
      });
    };
    this.settling = setTimeout(settle, replayed.settleAfterMs);
  }

  /** What is not settled by then is left to the next start. */
  stop(): void {
    clearTimeout(this.settling);
  }

  /** Whether each of them is stored or set aside. Throws if the store takes none at this moment. */
  private async store(rows: readonly ActivationRow[]): Promise<boolean> {
    return (await storeOrSetAside(rows, this.activations, this.refused)).length === 0;
  }

  private async read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(path);
    } catch (error) {
      // Somebody else has stored it meanwhile.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || this.unreadable.has(path)) return undefined;
      this.unreadable.add(path);
      this.logger.error(
        { err: error },
        `journal replay: ${path} cannot be read; its records are stored by a later start`,
      );
      return undefined;
    }
  }

  private async delete(files: readonly string[]): Promise<void> {
    for (const path of files) await rm(path, { force: true });
  }

  /** All of that type, oldest incarnation first, segments in order. */
  private async files(type: 'journal' | 'lock'): Promise<JournalFile[]> {
    const form = type === 'journal' ? /^((.+)\.(\d+))\.(\d+)\.journal$/ : /^((.+)\.(\d+))\.lock$/;
    const found = (await readdir(this.directory).catch(missingDirectory)).flatMap((name) => {
      const [, owner, controller, incarnation, number = 0] = form.exec(name) ?? [];
      if (owner === undefined || controller === undefined || incarnation === undefined) return [];
      const path = join(this.directory, name);
      return [{ path, owner, controller, incarnation: BigInt(incarnation), number: Number(number) }];
    });
    return found.sort((a, b) =>
      a.incarnation === b.incarnation ? a.number - b.number : a.incarnation < b.incarnation ? -1 : 1,
    );
  }
}

function missingDirectory(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
