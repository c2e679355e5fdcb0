// Lets the threads that V8 compiles and collects in yield the processor to the thread that serves: on a machine whose cores are all busy a marking of the heap would else take both of two from it
// for a dozen milliseconds, the longer the more there is to hold, which is under overload.
//
// Guarantees: what is started later keeps its priority (the event loop's thread pool, worker threads), if this is called before any of them is there; on other systems than Linux, which alone
// gives a thread a priority of its own, nothing happens. Lowering it needs no privilege, and holds within the process's own group or container. Measured: docs/performance.md.
import { existsSync, readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

const threads = '/proc/self/task';
/** As `nice` has it: about a tenth of the weight of a thread at 0, so that a helper whom the main thread waits for still gets on. */
export const helperNiceness = 10;

/** Of this process, to be called once by its main thread and first of all. */
export function helpersYield(): void {
  if (process.platform !== 'linux' || !existsSync(threads)) return;
  for (const name of readdirSync(threads)) {
    const thread = Number(name);
    if (thread !== process.pid) setPriority(thread, helperNiceness);
  }
}
