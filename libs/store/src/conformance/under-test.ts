// What a conformance suite needs of a database: its stores, and further connections to the same one.
import type { Stores } from '../stores';

export interface UnderTest {
  readonly stores: Stores;
  /** Another connection to the same database, as another process would have it. Closed with the rest. */
  another(): Promise<Stores>;
  /** Closes every connection and removes the database. */
  close(): Promise<void>;
}

/** Makes an empty database. */
export type MakeUnderTest = () => Promise<UnderTest>;

/** One empty database for each test of the suite that calls this. */
export function eachTestWith<Opened extends UnderTest>(make: () => Promise<Opened>): { readonly current: Opened } {
  const holder: { opened: Opened | undefined; readonly current: Opened } = {
    opened: undefined,
    get current() {
      if (!this.opened) throw new Error('under-test: no database outside a test');
      return this.opened;
    },
  };
  beforeEach(async () => {
    holder.opened = await make();
  });
  afterEach(async () => {
    const opened = holder.opened;
    holder.opened = undefined;
    await opened?.close();
  });
  return holder;
}
