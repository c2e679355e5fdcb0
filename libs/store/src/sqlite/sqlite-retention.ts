// Retention in SQLite: rows are deleted, a bounded number at once, oldest first.
//
// Row numbers follow the order of insertion, so the oldest rows are the first ones: no index is needed, and none has to be kept up to date by
// every insertion. A row that came late, from a journal that was replayed, goes when those before it are gone. What the file
// has once taken it keeps, and uses again.
import { type RawBuilder, sql } from 'kysely';
import type { Retention } from '../retention';
import type { Differences } from '../sql/differences';
import type { Database } from '../sql/tables';

export class SqliteRetention implements Retention {
  constructor(
    private readonly database: Database,
    private readonly differences: Pick<Differences, 'nowMs'>,
  ) {}

  async sweep(keptMs: number, rowsCount: number): Promise<boolean> {
    const before = (await this.differences.nowMs(this.database)) - keptMs;
    const records = await this.delete(sql`
      delete from activations where accepted_at < ${before}
      and rowid in (select rowid from activations order by rowid limit ${rowsCount})`);
    const logs = await this.delete(sql`
      delete from activation_logs where written_at < ${before}
      and position in (select position from activation_logs order by position limit ${rowsCount})`);
    return Math.max(records, logs) === rowsCount;
  }

  private async delete(query: RawBuilder<unknown>): Promise<number> {
    return Number((await query.execute(this.database)).numAffectedRows ?? 0);
  }
}
