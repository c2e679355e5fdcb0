// Has V8 collect old garbage when there may be a megabyte or so of it, and not only at nine. For an app that is asked for little: there V8 collects for want of room alone, at 8 MB more
// than the last collection left however long that takes, and so ticks and heartbeats fill memory for half an hour before anything is given back.
//
// It is V8's own collection, begun earlier: marking goes on beside the app, and the pause at its end is as short as ever. Under load V8 lets the heap grow further between two collections,
// and the share of that counts, so that collections do not become many. Not for the controller, which under load collects every few seconds anyway. Measured: docs/benchmarks.md, `soak`.
import { setFlagsFromString } from 'node:v8';

/**
 * At which part of the growth that V8 would allow itself, in percent. Of a small heap 15 is 1.5 MB and 8 is 0.8: the agent's heartbeats make 1.2 MB a minute, what the scheduler does a tenth of
 * that, so that 1.5 MB took it a quarter of an hour in which it grew.
 */
export const earlyPercent = { agent: 15, scheduler: 8 } as const;

export const earlyFlag = (percent: number): string => `--incremental-marking-soft-trigger=${percent}`;

/** Of the whole process, from now on. */
export function collectEarly(percent: number): void {
  setFlagsFromString(earlyFlag(percent));
}
