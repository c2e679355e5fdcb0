// Frees what only the start of an app needed. V8 collects for want of room, and an app that has just started and is asked for nothing wants none: it would keep what loading its modules
// left behind, and a young generation of 32 MB that has grown meanwhile, for as long as nobody calls.
//
// What it asks for is what Chromium asks for when memory is low: unlike `gc()`, it gives the young generation's pages back as well; they come back when they are needed. It stands still
// for about a tenth of a second, once. Measured: docs/benchmarks.md, `idle-memory`.
import { Session } from 'node:inspector';

/** Only of the thread that calls it; in one of the next turns of its event loop. */
export function forgetStart(): void {
  const session = new Session();
  session.connect();
  // Not from within the answer: that never returns.
  session.post('HeapProfiler.collectGarbage', () => setImmediate(() => session.disconnect()));
}
