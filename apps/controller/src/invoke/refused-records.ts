// Records that the store refuses for good: kept as files beside the journal, one for each activation, until a later start finds that the store
// takes them.
//
// Guarantees: each is logged with its id, the reason and where it is; its queue row is settled, so that nobody runs it again; what is kept is
// bounded by `refusedRecordsBytes`. Beyond that, and when the disk refuses it, it is given up, which is logged and counted, too, if it is certain
// that the record is to blame, and else stays with whoever has it. None of the calls throws.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '#limits';
import { type ActivationRow, type ActivationStore, mayPass } from '#store';
import type { Logger } from '#telemetry';
import { formatEntry, readEntries } from './journal-format';

/** What a file takes at least. */
const blockBytes = 4_096;
const ending = '.record';

export class RefusedRecords {
  private readonly directory: string;
  /** Of all files; undefined: not known yet. */
  private bytes: number | undefined;
  private keptCount = 0;
  private givenUpCount = 0;

  /** `journalDirectory` may be that of several controllers: they share the files. */
  constructor(
    journalDirectory: string,
    private readonly activations: Pick<ActivationStore, 'insert'>,
    private readonly limits: Pick<Limits, 'refusedRecordsBytes'>,
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

  /** Tries each file once, and removes those of records that the store takes. Call it at a start, when something may have been mended. */
  async tryAgain(): Promise<void> {
    try {
      for (const path of await this.paths()) {
        const row = readEntries(await readFile(path)).entries[0]?.row;
        if (row && (await this.isTaken(row))) {
          await rm(path, { force: true });
          this.logger.info(`activation ${row.activationId}: the store takes the record that was set aside in ${path}`);
        }
      }
    } catch (error) {
      this.logger.warn({ err: error }, `records set aside in ${this.directory}: not all tried again`);
    }
    this.bytes = undefined;
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

  /** Its file; undefined if there is no room, or none can be written. */
  private write(row: ActivationRow): string | undefined {
    const path = join(this.directory, `${encodeURIComponent(row.activationId)}${ending}`);
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      this.bytes ??= this.bytesOnDisk();
      // Its queue row is settled by then.
      const { settles: _, ...unsettled } = row;
      const text = Buffer.from(formatEntry({ type: 'record', row: unsettled }));
      const bytes = Math.max(blockBytes, text.length);
      if (this.bytes + bytes > this.limits.refusedRecordsBytes) return undefined;
      writeFileSync(path, text, { mode: 0o600 });
      this.bytes += bytes;
      return path;
    } catch (error) {
      this.logger.error({ err: error }, `cannot write ${path}`);
      return undefined;
    }
  }

  private bytesOnDisk(): number {
    const sizes = readdirSync(this.directory).map((name) => statSync(join(this.directory, name)).size);
    return sizes.reduce((sum, size) => sum + Math.max(blockBytes, size), 0);
  }

  private async paths(): Promise<string[]> {
    try {
      const names = await readdir(this.directory);
      return names.filter((name) => name.endsWith(ending)).map((name) => join(this.directory, name));
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
