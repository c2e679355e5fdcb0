// What was written, as controllers and commands tell it to each other. Pure.
import { z } from 'zod';

/**
 * Something that was written or removed. `name` is `namespace[/package]/name`, `namespace/package`, a subject, a namespace whose limits or
 * owners are meant, or empty for `all`.
 */
export interface Stale {
  readonly kind: 'action' | 'package' | 'subject' | 'namespace' | 'all';
  readonly name: string;
}

const staleSchema = z.object({ kind: z.enum(['action', 'package', 'subject', 'namespace', 'all']), name: z.string() });

/** The Redis channel. Channels are common to all databases of a Redis, and clusters that share it differ by their database. */
export const staleChannel = (database: number): string => `hearth:invalidate:${database}`;

export const staleText = ({ kind, name }: Stale): string => JSON.stringify({ kind, name });

/** undefined: it cannot be read, so everything may be meant. */
export function readStale(text: string): Stale | undefined {
  try {
    return staleSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
