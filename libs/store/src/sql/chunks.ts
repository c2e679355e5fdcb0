// Splits a batch into statements, each small enough for the database.
//
// By default large enough that their number does not matter, below every database's bound on parameters (SQLite 32,766; PostgreSQL 65,535), and
// all but the last of one size, so that prepared statements are used again.
const chunkLength = 50;

export async function inChunks<Row>(
  rows: readonly Row[],
  write: (chunk: readonly Row[]) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += chunkLength) await write(rows.slice(from, from + chunkLength));
}

/** Chunks whose texts are together at most `lengthMost` long, however many rows that are; a row that is longer by itself is a chunk of its own. */
export async function inChunksOfLength<Row>(
  rows: readonly Row[],
  lengthOf: (row: Row) => number,
  lengthMost: number,
  write: (chunk: readonly Row[]) => Promise<void>,
): Promise<void> {
  let from = 0;
  let length = 0;
  for (const [at, row] of rows.entries()) {
    const added = lengthOf(row);
    if (at > from && length + added > lengthMost) {
      await write(rows.slice(from, at));
      from = at;
      length = 0;
    }
    length += added;
  }
  if (from < rows.length) await write(rows.slice(from));
}
