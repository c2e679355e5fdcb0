// What is on disk about a container, so that the next life of the agent can take it over or end it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const cellRecordSchema = z.object({
  id: z.string(),
  address: z.string(),
  /** Of the image that is its root. */
  digest: z.string(),
  namespace: z.string(),
  /** Its first process, once its server listens. */
  process: z.object({ pid: z.number().int().positive(), startTicks: z.string() }).optional(),
  hasSocket: z.boolean(),
});
export type CellRecord = z.infer<typeof cellRecordSchema>;

const pathOf = (directory: string): string => join(directory, 'record.json');

export function writeCellRecord(directory: string, record: CellRecord): void {
  writeFileSync(`${pathOf(directory)}.new`, JSON.stringify(record));
  renameSync(`${pathOf(directory)}.new`, pathOf(directory));
}

/** Undefined for one that was never given to a container. */
export function readCellRecord(directory: string): CellRecord | undefined {
  try {
    return cellRecordSchema.safeParse(JSON.parse(readFileSync(pathOf(directory), 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
