// Logs in SQL: one row for each append and activation, so that a batch of many lines is one insert.
import { StoreError } from '../errors';
import type { LogRow, LogStore } from '../log-store';
import { inChunks } from './chunks';
import type { Differences } from './differences';
import type { Database } from './tables';

export class SqlLogStore implements LogStore {
  constructor(
    private readonly database: Database,
    private readonly differences: Pick<Differences, 'nowMs'>,
  ) {}

  async append(rows: readonly LogRow[]): Promise<void> {
    const written = rows.filter(({ lines }) => lines.length > 0);
    if (written.length === 0) return;
    await this.database.transaction().execute(async (transaction) => {
      const now = await this.differences.nowMs(transaction);
      await inChunks(written, async (chunk) => {
        const values = chunk.map(({ namespace, activationId, lines }) => ({
          namespace,
          activation_id: activationId,
          lines: JSON.stringify(lines),
          written_at: now,
        }));
        await transaction.insertInto('activation_logs').values(values).execute();
      });
    });
  }

  async read(namespace: string, activationId: string): Promise<string[]> {
    const rows = await this.database
      .selectFrom('activation_logs')
      .select('lines')
      .where('namespace', '=', namespace)
      .where('activation_id', '=', activationId)
      .orderBy('position')
      .execute();
    return rows.flatMap(({ lines }) => readLines(activationId, lines));
  }
}

function readLines(activationId: string, text: string): string[] {
  try {
    return JSON.parse(text) as string[];
  } catch (error) {
    throw new StoreError('corrupt', `cannot read the logs of ${activationId}: a row is no JSON.`, { cause: error });
  }
}
