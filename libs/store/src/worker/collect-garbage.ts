// Collects the old garbage of a store's worker now and then, and of no other thread: V8 has a flag that makes it begin earlier (libs/lifecycle/src/collect-early.ts), but that is one of the
// process, and the thread that answers callers shall not collect more often. One collection takes the worker some milliseconds, in which nobody waits but for the store; the young generation
// keeps its size. How often: collection-plan.ts. Measured: docs/benchmarks.md, `soak`.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CollectionLimits, CollectionPlan } from './collection-plan';

/** In the thread that calls it, for as long as it lives. Keeps no thread alive. */
export function collectNowAndThen(limits: CollectionLimits): void {
  const plan = new CollectionPlan(limits);
  let collect: (() => void) | undefined;
  const look = (): void => {
    if (!plan.isDue(oldBytes())) return;
    collect ??= collector();
    if (!collect) return;
    collect();
    plan.collected(oldBytes());
  };
  setInterval(look, limits.storeGarbageLookMs).unref();
}

/** What is in use beyond the young generation, with what is garbage there. */
function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !/^(new|read_only)_/.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

/**
 * V8's own function for it, which contexts have that are made while a flag is set. The flag is one of the process: where another worker asks at the same time and has just taken it back,
 * there is none, and the next look asks again.
 */
function collector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('globalThis.gc') as (() => void) | undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
