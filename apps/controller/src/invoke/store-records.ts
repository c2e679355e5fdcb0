// Gives a batch of records to the store, and goes on with its parts if that refuses it: what one record is refused for holds up no other.
import { mayPass, type StoreError } from '#store';
import type { BatchSearch } from './batch-search';

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
