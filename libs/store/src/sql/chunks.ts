// Splits a batch into statements: large enough that their number does not matter, small enough for every database's bound on
// parameters (SQLite 32,766; PostgreSQL 65,535), and all but the last of one size, so that prepared statements are used again.
const chunkLength = 50;

export async function inChunks<Row>(
  rows: readonly Row[],
  write: (chunk: readonly Row[]) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += chunkLength) await write(rows.slice(from, from + chunkLength));
}
