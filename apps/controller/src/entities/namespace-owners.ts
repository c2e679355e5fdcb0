// Who owns a namespace: in whose name something runs there when nobody has authenticated, such as a web action or an alarm.
//
// Guarantees: `peek` never waits and never asks the store; a blocked owner or a changed limit takes effect as fast as for a caller
// (authenticator.ts). That a namespace has no owner is not remembered. The owner's key is there if it was sealed under the secret of now; else
// `apiKey` is empty, and actions that ask for a key get none.
import type { Clock } from '#clock';
import type { Identity } from '#entity';
import type { Limits } from '#limits';
import type { Seal } from '#seal';
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
    private readonly seal: Pick<Seal, 'open'>,
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
    return this.#known.read(namespace, () => this.#ask(namespace));
  }

  forgetStale(stale: Stale): void {
    this.#known.forget((identity) => isIdentityStale(identity, stale));
  }

  async #ask(namespace: string): Promise<Identity | undefined> {
    const owner = await this.subjects.ofNamespace(namespace);
    if (owner === undefined) return undefined;
    const { subject, uuid, limits, sealedKey } = owner;
    const apiKey = sealedKey === undefined ? undefined : opened(this.seal, sealedKey);
    // A text that was moved from another row opens, too, but names another uuid.
    return { subject, namespace, uuid, limits, apiKey: apiKey?.startsWith(`${uuid}:`) ? apiKey : '' };
  }
}

function opened(seal: Pick<Seal, 'open'>, text: string): string | undefined {
  try {
    return seal.open(text);
  } catch {
    return undefined; // Sealed under a secret that has been replaced since.
  }
}
