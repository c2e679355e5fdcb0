// Replays the journals of this controller's dead incarnations, before it takes requests.
//
// Guarantees: every complete record is inserted if absent and then its file is deleted; an activation that was answered 202 and has no
// record ends as a whisk internal error once nothing can be running any more; a file that cannot be read is left where it is and reported.
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#clock';
import type { ActivationRow, ActivationStore } from '#store';
import type { Logger } from '#telemetry';
import { type AcceptedEntry, readEntries } from './journal-format';

export interface Replayed {
  readonly records: number;
  /** Answered 202, without a record, and not yet over: settle them with `row` at `overAt`. */
  readonly owed: readonly AcceptedEntry[];
  /** Files to delete once `owed` is settled. */
  readonly files: readonly string[];
}

const batchCount = 500;

export class JournalReplay {
  constructor(
    private readonly directory: string,
    private readonly controllerId: string,
    private readonly incarnation: bigint,
    private readonly activations: ActivationStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<Replayed> {
    const owed = new Map<string, AcceptedEntry>();
    const files: string[] = [];
    let records = 0;
    for (const path of await this.deadFiles()) {
      const bytes = await this.read(path);
      if (!bytes) continue;
      const { entries, tornBytes } = readEntries(bytes);
      if (tornBytes > 0) this.logger.warn(`journal replay: ${path} ends in ${tornBytes} bytes that are no whole entry`);
      const rows: ActivationRow[] = [];
      for (const entry of entries) {
        if (entry.type === 'accepted') {
          owed.set(entry.activationId, entry);
          continue;
        }
        owed.delete(entry.row.activationId);
        rows.push(entry.row);
      }
      for (let at = 0; at < rows.length; at += batchCount)
        await this.activations.insert(rows.slice(at, at + batchCount));
      records += rows.length;
      files.push(path);
    }
    const open: AcceptedEntry[] = [];
    const over: ActivationRow[] = [];
    for (const entry of owed.values()) {
      if ((await this.activations.get(entry.namespace, entry.activationId)) !== undefined) continue;
      if (entry.overAt <= this.clock.wallMs()) over.push(entry.row);
      else open.push(entry);
    }
    for (let at = 0; at < over.length; at += batchCount) await this.activations.insert(over.slice(at, at + batchCount));
    if (open.length === 0) await this.delete(files);
    if (files.length > 0)
      this.logger.info(
        `journal replay: ${records} records and ${over.length} lost ones of ${files.length} files stored`,
      );
    return { records: records + over.length, owed: open, files: open.length === 0 ? [] : files };
  }

  /** Settles what `run` left open; the caller waits until it is over. */
  async settle(replayed: Replayed): Promise<void> {
    await this.activations.insert(replayed.owed.map(({ row }) => row));
    await this.delete(replayed.files);
  }

  private async read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(path);
    } catch (error) {
      this.logger.error(
        { err: error },
        `journal replay: ${path} cannot be read; its records are stored by a later start`,
      );
      return undefined;
    }
  }

  private async delete(files: readonly string[]): Promise<void> {
    for (const path of files) await unlink(path);
  }

  /** Oldest incarnation first, segments in order. */
  private async deadFiles(): Promise<string[]> {
    const prefix = `${encodeURIComponent(this.controllerId)}.`;
    const found: { path: string; incarnation: bigint; number: number }[] = [];
    for (const name of await readdir(this.directory).catch(missingDirectory)) {
      const match = name.startsWith(prefix) ? /^(\d+)\.(\d+)\.journal$/.exec(name.slice(prefix.length)) : null;
      if (!match || BigInt(match[1]!) >= this.incarnation) continue;
      found.push({ path: join(this.directory, name), incarnation: BigInt(match[1]!), number: Number(match[2]) });
    }
    found.sort((a, b) =>
      a.incarnation === b.incarnation ? a.number - b.number : a.incarnation < b.incarnation ? -1 : 1,
    );
    return found.map(({ path }) => path);
  }
}

function missingDirectory(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
