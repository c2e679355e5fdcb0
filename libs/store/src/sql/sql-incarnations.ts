// Incarnation counters in SQL.
import type { Incarnations } from '../incarnations';
import { nextCount } from './counter';
import type { Differences } from './differences';
import type { Database } from './tables';

export class SqlIncarnations implements Incarnations {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  next(processId: string): Promise<bigint> {
    return this.differences.durably(this.database, () =>
      this.database.transaction().execute((transaction) => nextCount(transaction, `incarnation:${processId}`)),
    );
  }
}
