// What a leader tells about itself in the lock's store, as text; and reading what some other version may have written there.
import { z } from 'zod';
import type { LeaderRecord } from './leader-lock';

const address = z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/);

const schema = z.object({
  /** The lock value that it belongs to: a record without its lock says nothing. */
  held: z.string(),
  schedulerId: z.string(),
  epoch: z.string().regex(/^\d{1,19}$/),
  listen: address,
  admin: address,
});

export function writeLeaderRecord(held: string, { schedulerId, epoch, listen, admin }: LeaderRecord): string {
  return JSON.stringify({ held, schedulerId, epoch: String(epoch), listen, admin });
}

/** Undefined unless it is the readable record of the holder of this lock. */
export function readLeaderRecord(held: string | null, text: string | null): LeaderRecord | undefined {
  if (held === null || text === null) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined; // Another version's, or damaged: then nobody says who leads, and the list of schedulers is tried.
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success || parsed.data.held !== held) return undefined;
  const { schedulerId, epoch, listen, admin } = parsed.data;
  return { schedulerId, epoch: BigInt(epoch), listen, admin };
}
