// Gives a batch of records to the store, and goes on with its parts if that refuses it: what one record is refused for holds up no other.
import { type ActivationRow, type ActivationStore, mayPass, type StoreError } from '#store';
import { BatchSearch } from './batch-search';
import type { RefusedRecords } from './refused-records';

/** Of what is given to the store at once. */
const batchCount = 500;

/** Answers what may pass and kept it from its end (batch-search.ts has what is left); undefined if the search came to its end. */
export async function storeRecords<Item>(
  search: BatchSearch<Item>,
  insert: (items: readonly Item[]) => Promise<void>,
): Promise<StoreError | undefined> {
  for (let part = search.next; part; part = search.next) {
    try {
      await insert(part);
      search.took();
    } catch (error) {
      if (mayPass(error)) return error;
      search.refuses(error);
    }
  }
  return undefined;
}

/** Stores each, or sets it aside if the store refuses it for good. Answers those that are neither; throws if the store takes none at this moment. */
export async function storeOrSetAside(
  rows: readonly ActivationRow[],
  activations: Pick<ActivationStore, 'insert'>,
  refused: Pick<RefusedRecords, 'setAside'>,
): Promise<ActivationRow[]> {
  const neither: ActivationRow[] = [];
  for (let at = 0; at < rows.length; at += batchCount) {
    const search = new BatchSearch(rows.slice(at, at + batchCount));
    const failure = await storeRecords(search, (part) => activations.insert(part));
    if (failure !== undefined) throw failure;
    if (search.left.length > 0)
      throw new Error('the store takes no record at all', { cause: search.refused[0]?.reason });
    for (const { item, reason } of search.refused)
      if (!(await refused.setAside(item, reason, search.taken.length > 0))) neither.push(item);
  }
  return neither;
}
