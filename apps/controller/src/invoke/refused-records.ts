// Records that the store refuses for good: kept as files beside the journal, one for each activation, until a later start finds that the store
// takes them. Beside them, what is damaged in journals (damaged-entries.ts).
//
// Guarantees: each is logged with its id, the reason and where it is; its queue row is settled, so that nobody runs it again; what is kept is
// bounded by `refusedRecordsBytes`. Beyond that, and when the disk refuses it, it is given up, which is logged and counted, too, if it is certain
// that the record is to blame, and else stays with whoever has it. A file that cannot be read any more is named by each start, with what to do.
// Whatever a file holds, it is removed once a stored record of its age would be (`retentionMs`), so that none takes the room for ever. None of
// the calls throws.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { type ActivationRow, type ActivationStore, mayPass } from '#store';
import type { Logger } from '#telemetry';
import { formatEntry, readEntries } from './journal-format';

/** What a file takes at least. */
const blockBytes = 4_096;
const recordEnding = '.record';
const damagedEnding = '.damaged';
/** Between two counts of what is there while it is full: each looks at every file. */
const countAgainMs = 60_000;
const hourMs = 3_600_000;

export class RefusedRecords {
  private readonly directory: string;
  /** Of all files; undefined: not known. */
  private bytes: number | undefined;
  /** By the monotonic clock. */
  private countedAt = 0;
  private keptCount = 0;
  private givenUpCount = 0;

  /** `journalDirectory` may be that of several controllers: they share the files. */
  constructor(
    journalDirectory: string,
    private readonly activations: Pick<ActivationStore, 'insert'>,
    private readonly limits: Pick<Limits, 'refusedRecordsBytes' | 'retentionMs'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.directory = join(journalDirectory, 'refused');
  }

  /** How many were set aside by this process. */
  get kept(): number {
    return this.keptCount;
  }

  /** How many could not even be kept. */
  get givenUp(): number {
    return this.givenUpCount;
  }

  /** False: it is not, and whoever has it goes on having it. `isCertain`: the store takes others, so that it is this record that it refuses. */
  async setAside(row: ActivationRow, reason: unknown, isCertain: boolean): Promise<boolean> {
    const { activationId, namespace } = row;
    const place = row.isUnkept ? 'nowhere, since its namespace keeps none' : this.write(row);
    if (place === undefined && !isCertain) return false;
    if (!(await this.settled(row))) return false;
    const facts = { err: reason, activationId, namespace };
    const sentence = `activation ${activationId}: the store refuses its record for good`;
    if (place === undefined) {
      this.givenUpCount += 1;
      this.logger.error(facts, `${sentence}, and it could not be set aside: the record is lost`);
    } else {
      this.keptCount += 1;
      this.logger.error(facts, `${sentence}; it is set aside in ${place}, and tried again by the next start`);
    }
    return true;
  }

  /** Tries each file once, and removes those of records that the store takes, or that are too old. Call it at a start, when something may have been mended. */
  async tryAgain(): Promise<void> {
    try {
      for (const name of await this.names()) await this.tryFile(join(this.directory, name));
    } catch (error) {
      this.logger.warn({ err: error }, `records set aside in ${this.directory}: not all tried again`);
    }
    this.bytes = undefined;
  }

  /** Throws if the store takes nothing at this moment. */
  private async tryFile(path: string): Promise<void> {
    const { row, reason } = await recordIn(path);
    if (row && (await this.isTaken(row))) {
      await rm(path, { force: true });
      return this.logger.info(
        `activation ${row.activationId}: the store takes the record that was set aside in ${path}`,
      );
    }
    // Missing: another controller has just stored or removed it.
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return;
    if (this.isTooOld(found)) this.removeOld(path);
    else if (!row) this.tellDamaged(path, reason);
  }

  private tellDamaged(path: string, reason: unknown): void {
    const hours = Math.ceil(this.limits.retentionMs / hourMs);
    this.logger.error(
      { err: reason },
      `records set aside: ${path} cannot be read, or is damaged, so that the store cannot be given what it holds; take from it what is of use and remove it (else it is removed ${hours} h after it was written)`,
    );
  }

  private async isTaken(row: ActivationRow): Promise<boolean> {
    try {
      await this.activations.insert([row]);
      return true;
    } catch (error) {
      if (mayPass(error)) throw error;
      this.logger.debug({ err: error }, `activation ${row.activationId}: the store still refuses its record`);
      return false;
    }
  }

  /** What no entry can be read of, in the journal file of that name. Answers its file; undefined if there is no room, or none can be written. */
  keepDamaged(journalName: string, bytes: Buffer): string | undefined {
    return this.keep(`${journalName}${damagedEnding}`, () => bytes);
  }

  /** Its file; undefined as above. */
  private write(row: ActivationRow): string | undefined {
    // Its queue row is settled by then.
    const { settles: _, ...unsettled } = row;
    return this.keep(`${encodeURIComponent(row.activationId)}${recordEnding}`, () =>
      Buffer.from(formatEntry({ type: 'record', row: unsettled })),
    );
  }

  private keep(name: string, contentOf: () => Buffer): string | undefined {
    const path = join(this.directory, name);
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      const content = contentOf();
      const bytes = Math.max(blockBytes, content.length);
      const others = this.bytesBeside(bytes);
      if (others + bytes > this.limits.refusedRecordsBytes) return undefined;
      writeFileSync(path, content, { mode: 0o600 });
      this.bytes = others + bytes;
      return path;
    } catch (error) {
      this.logger.error({ err: error }, `cannot write ${path}`);
      return undefined;
    }
  }

  /** What is there. If there is no room for so many more it is counted again, since somebody may have removed something by hand. */
  private bytesBeside(bytes: number): number {
    const now = this.clock.now();
    const isFull = this.bytes !== undefined && this.bytes + bytes > this.limits.refusedRecordsBytes;
    if (this.bytes === undefined || (isFull && now - this.countedAt >= countAgainMs)) {
      this.bytes = this.bytesLeft();
      this.countedAt = now;
    }
    return this.bytes;
  }

  /** Of all files that are not too old; the others are removed. */
  private bytesLeft(): number {
    let sum = 0;
    for (const name of readdirSync(this.directory).filter(isOurs)) {
      const path = join(this.directory, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found && !(this.isTooOld(found) && this.removeOld(path))) sum += Math.max(blockBytes, found.size);
    }
    return sum;
  }

  private isTooOld({ mtimeMs }: { mtimeMs: number }): boolean {
    return this.clock.wallMs() - mtimeMs > this.limits.retentionMs;
  }

  private removeOld(path: string): boolean {
    try {
      rmSync(path, { force: true });
      this.logger.warn(`records set aside: ${path} is removed (older than records are kept)`);
      return true;
    } catch (error) {
      this.logger.error({ err: error }, `records set aside: ${path} cannot be removed; remove it by hand`);
      return false;
    }
  }

  private async names(): Promise<string[]> {
    try {
      return (await readdir(this.directory)).filter(isOurs);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Its queue row is, or never will be. */
  private async settled(row: ActivationRow): Promise<boolean> {
    if (!row.settles || row.isUnkept) return true;
    try {
      await this.activations.insert([{ ...row, summary: '', record: '', isUnkept: true }]);
    } catch (error) {
      if (mayPass(error)) return false;
      this.logger.error({ err: error }, `activation ${row.activationId}: its queue row cannot be settled`);
    }
    return true;
  }
}

/** What else is there is somebody else's. */
const isOurs = (name: string): boolean => name.endsWith(recordEnding) || name.endsWith(damagedEnding);

/** The record that a file is; `reason` says why there is none, if the disk does. */
async function recordIn(path: string): Promise<{ row?: ActivationRow; reason?: unknown }> {
  try {
    const { entries, damaged, tornBytes } = readEntries(await readFile(path));
    // Who mended more than one entry by hand is not to lose the others.
    return entries.length === 1 && damaged.length + tornBytes === 0 ? { row: entries[0]!.row } : {};
  } catch (reason) {
    return { reason };
  }
}
