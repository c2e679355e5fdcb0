// Inserts records with one statement of a fixed text, whatever their number: an array for each column. For each value a parameter of its own
// cost a third more time, most of it in laying out and reading the statement.
import { sql } from 'kysely';
import { activationColumns } from '../sql/activation-columns';
import { inChunksOfLength } from '../sql/chunks';
import type { ActivationTable, Database } from '../sql/tables';

const types = {
  namespace: 'text',
  activation_id: 'text',
  accepted_at: 'bigint',
  start_at: 'bigint',
  end_at: 'bigint',
  name: 'text',
  package_name: 'text',
  status_code: 'integer',
  summary: 'text',
  record: 'text',
} as const satisfies Readonly<Record<keyof ActivationTable, string>>;

/** Characters in one statement; a whole one has to fit into the memory of both ends several times. */
const lengthMost = 4_194_304;

/** Each if absent. */
export function insertActivations(transaction: Database, rows: readonly ActivationTable[]): Promise<void> {
  return inChunksOfLength(
    rows,
    ({ record, summary }) => record.length + summary.length,
    lengthMost,
    async (chunk) => {
      const arrays = activationColumns.map(
        (column) => sql`${chunk.map((row) => row[column])}::${sql.raw(types[column])}[]`,
      );
      await sql`insert into activations (${sql.join(activationColumns.map((column) => sql.ref(column)))})
        select * from unnest(${sql.join(arrays)}) on conflict do nothing`.execute(transaction);
    },
  );
}
