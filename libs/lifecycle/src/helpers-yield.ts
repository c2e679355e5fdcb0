// Lets the threads that V8 compiles and collects in yield the processor to the thread that serves: on a machine whose cores are all busy a marking of the heap would else take both of two from it
// for a dozen milliseconds, the longer the more there is to hold, which is under overload.
//
// Guarantees: what is started later keeps its priority (the event loop's thread pool, worker threads), if this is called before any of them is there; on other systems than Linux, which alone
// gives a thread a priority of its own, nothing happens. Lowering it needs no privilege, and holds within the process's own group or container; a system that refuses it all the same keeps no app
// from starting. Measured: docs/performance.md.
import { existsSync, readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const threads = '/proc/self/task';
/** Above that of the main thread, as `nice` has it: about a tenth of its weight, so that a helper whom it waits for still gets on. */
const niceness = 10;

/** Of this process, to be called once by its main thread and first of all. Answers what the system refused it for, if it did. */
export function helpersYield(lower = setPriority): unknown {
  if (process.platform !== 'linux' || !existsSync(threads)) return undefined;
  try {
    // One that was started under `nice` is not to be raised, which needs privilege.
    const lowered = Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness);
    for (const name of readdirSync(threads)) {
      const thread = Number(name);
      if (thread !== process.pid) lower(thread, lowered);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
