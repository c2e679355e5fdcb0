// Activation ids: 32 lower-case hex digits of a UUID version 7, so that the id carries its accept time. One draw of randomness serves
// many ids, since every invocation makes one.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** `acceptedAtMs`: wall clock at accept. */
export function newActivationId(acceptedAtMs: number): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString('hex', used, used + 10);
  used += 10;
  const variant = '89ab'[Number.parseInt(random[3]!, 16) & 3]!;
  return `${acceptedAtMs.toString(16).padStart(12, '0')}7${random.slice(0, 3)}${variant}${random.slice(4, 19)}`;
}

/** The accept time that an id carries. */
export function acceptedAtOf(activationId: string): number {
  return Number.parseInt(activationId.slice(0, 12), 16);
}
