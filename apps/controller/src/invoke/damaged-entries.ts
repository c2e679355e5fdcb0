// What a replay finds in a journal and cannot read: each file's is told once, counted, and kept beside the records that the store refuses.
//
// Guarantee: what is not kept, since there is no room, is said to be lost. A torn tail is none of it: nobody was told of that entry.
import { basename } from 'node:path';
import type { Logger } from '#telemetry';
import type { ReadEntries } from './journal-format';
import type { RefusedRecords } from './refused-records';

/** Places and ids of one file that are told. */
const namedMost = 10;

export class DamagedEntries {
  private total = 0;
  /** Paths; nobody writes to them any more. */
  private readonly told = new Set<string>();

  constructor(
    private readonly refused: Pick<RefusedRecords, 'keepDamaged'>,
    private readonly logger: Logger,
  ) {}

  /** How many were skipped; all that nobody can tell apart count as one. */
  get count(): number {
    return this.total;
  }

  /** `read` of the bytes of the file at `path`. */
  report(path: string, file: Buffer, { damaged, tornBytes, isFollowed }: ReadEntries): void {
    if (this.told.has(path) || damaged.length + tornBytes === 0) return;
    this.told.add(path);
    if (tornBytes > 0 && !isFollowed)
      this.logger.warn(`journal replay: ${path} ends in ${tornBytes} bytes that are no whole entry`);
    const places = [...damaged];
    if (isFollowed) places.push({ at: file.length - tornBytes, bytes: tornBytes });
    if (places.length === 0) return;
    this.total += places.length;
    const bytes = Buffer.concat(places.map((place) => file.subarray(place.at, place.at + place.bytes)));
    const kept = this.refused.keepDamaged(basename(path), bytes);
    const found = [
      ...(damaged.length > 0 ? [`${damaged.length} damaged entries are skipped`] : []),
      ...(isFollowed ? [`nothing is read of the last ${tornBytes} bytes, although entries follow in them`] : []),
    ];
    const end = kept === undefined ? 'they could not be kept: what they held is lost' : `they are kept in ${kept}`;
    this.logger.error(
      { places: places.slice(0, namedMost), activationIds: idsIn(bytes) },
      `journal replay: ${path} is damaged: ${found.join(', and ')}; ${end}`,
    );
  }
}

/** Of what stands there, as far as they can be read: whose records may be missing. */
function idsIn(bytes: Buffer): string[] {
  const ids = new Set<string>();
  for (const [, id] of bytes.toString('latin1').matchAll(/"activationId":"([0-9a-f]{32})"/g)) {
    if (ids.add(id!).size === namedMost) break;
  }
  return [...ids];
}
