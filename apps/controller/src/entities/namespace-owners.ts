// Who owns a namespace: in whose name something runs there when nobody has authenticated, such as a web action or an alarm.
//
// Guarantees: `peek` never waits and never asks the store; a blocked owner or a changed limit takes effect as fast as for a caller
// (authenticator.ts). That a namespace has no owner is not remembered.
import type { Clock } from '#clock';
import type { Identity } from '#entity';
import type { Limits } from '#limits';
import type { SubjectStore } from '#store';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';
import { FreshCache } from './fresh-cache';
import { identityBytes, isIdentityStale } from './identity-cache';

export class NamespaceOwners implements CacheHolder {
  readonly #known: FreshCache<Identity>;

  constructor(
    private readonly subjects: Pick<SubjectStore, 'ofNamespace'>,
    limits: Pick<Limits, 'identityCacheBytes' | 'identityCacheMs'>,
    clock: Pick<Clock, 'now'>,
    invalidation: Pick<CacheInvalidation, 'join' | 'entryMs'>,
  ) {
    invalidation.join(this);
    const entryMs = (): number => Math.min(limits.identityCacheMs, invalidation.entryMs);
    this.#known = new FreshCache(limits.identityCacheBytes, identityBytes, clock, entryMs);
  }

  /** The owner, if the cache knows. */
  peek(namespace: string): Identity | undefined {
    return this.#known.peek(namespace);
  }

  /** The owner; undefined if there is none, or none that is not blocked. */
  of(namespace: string): Promise<Identity | undefined> {
    return this.#known.read(namespace, () => this.subjects.ofNamespace(namespace));
  }

  forgetStale(stale: Stale): void {
    this.#known.forget((identity) => isIdentityStale(identity, stale));
  }
}
