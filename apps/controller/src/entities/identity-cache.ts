// What the caches of identities have in common. Pure.
import type { Identity } from '#entity';
import type { Stale } from './cache-invalidation';

/** Objects, strings' heads, a place in two tables. */
const entryOverheadBytes = 512;

/** What an identity costs in memory, about. `key` is what it is found by. */
export function identityBytes({ subject, namespace, apiKey, uuid, limits }: Identity, key: string): number {
  const kinds = limits.allowedKinds ?? [];
  const texts = [subject, namespace, apiKey, uuid, key, ...kinds];
  return entryOverheadBytes + texts.reduce((bytes, text) => bytes + text.length, 0);
}

/** Whether what was written has to do with this identity. */
export function isIdentityStale({ subject, namespace }: Identity, { kind, name }: Stale): boolean {
  return kind === 'all' || (kind === 'subject' && name === subject) || (kind === 'namespace' && name === namespace);
}
