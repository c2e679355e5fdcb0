// How the container of an activation had started, from what record and action tell. Pure.
//
// A record with initTime is the first in its container. Whether that container was made for it or was a stem cell no annotation says; the container does: a
// stem cell's process is older than the request. A later run follows a suspension if the container noticed that it stood still.
import type { StartPath } from '#workload';
import type { InsideReport } from './read-activation';

/** Clocks of two processes on one machine, and the rounding of both, differ by no more. */
const clockSlackMs = 5;

/** `acceptedMs`: when the platform got the request, milliseconds since 1970. */
export function startPathOf(
  initMs: number | undefined,
  acceptedMs: number,
  inside: InsideReport | undefined,
): StartPath | undefined {
  if (!inside) return initMs === undefined ? undefined : 'cold';
  if (initMs !== undefined || inside.n === 0) return inside.b < acceptedMs - clockSlackMs ? 'prewarmed' : 'cold';
  return inside.z ? 'suspended' : 'warm';
}
