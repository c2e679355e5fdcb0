// Keep-alive policies: for how long a container that nobody uses is kept. Plain functions of the configured time and of what is known of its
// action key; docs/policies says when to use which.
import type { IdleTimes } from './idle-times';

/** Milliseconds since its last use; Infinity: until its memory is needed. */
export type KeepAlive = (fixedMs: number, idleTimes: IdleTimes | undefined) => number;

/** The same for everybody, as in OpenWhisk. */
export const fixedTime: KeepAlive = (fixedMs) => fixedMs;

/** As long as there is room: what then gives way is the reclaim policy's business (LRU; FaasCache's greedy dual). */
export const whileRoom: KeepAlive = () => Infinity;

/** Below this the times of an action say too little. */
const leastCount = 5;
/** Of the times, how many may lie beyond the histogram. */
const beyondShareMost = 0.5;
/** What is added to the time, since a histogram of few times is coarse. */
const margin = 1.1;

/**
 * The keep-alive window of "Serverless in the Wild": until all but a hundredth of the action's times between two uses would have ended, by its own
 * histogram; the fixed time where there is none that says anything. Unloading at once and loading again just before the next use is not done: the
 * scheduler makes no container that nobody has asked for.
 */
export const hybridHistogram: KeepAlive = (fixedMs, idleTimes) => {
  if (!idleTimes || idleTimes.count < leastCount || idleTimes.beyondShare > beyondShareMost) return fixedMs;
  return idleTimes.quantileMs(0.99) * margin;
};
