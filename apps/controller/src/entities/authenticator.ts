// Who is calling: from the Authorization header to an identity, with a cache in front of the store.
//
// Guarantees: `peek` never waits and never asks the store. A known credential is trusted for `identityCacheMs` after the store was last
// asked, or less while other controllers' writes may not be noticed (cache-invalidation.ts), so a blocked subject or a changed limit takes
// effect within that time. Refusals are not cached, and a header that cannot be a
// credential is refused without asking the store. What cannot be read as Basic credentials counts as none (compatibility notes, R3).
import { LRUCache } from 'lru-cache';
import type { Clock } from '#clock';
import { type Identity, rejections } from '#entity';
import type { Limits } from '#limits';
import type { SubjectStore } from '#store';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';

interface Known {
  readonly identity: Identity;
  /** When the store was asked. */
  readonly askedAtMs: number;
}

const basic = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const keyPattern = /^[A-Za-z0-9]{64}$/;

/** The token's text, or undefined if the header is not Basic credentials. */
function readBasic(authorization: string | undefined): string | undefined {
  const token = authorization === undefined ? undefined : basic.exec(authorization)?.[1];
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8');
}

export class Authenticator implements CacheHolder {
  readonly #known: LRUCache<string, Known>;
  readonly #asking = new Map<string, Promise<Identity>>();
  /** Grows with everything that is forgotten, so that an answer that was under way is not remembered. */
  #forgotten = 0;

  constructor(
    private readonly subjects: SubjectStore,
    private readonly limits: Pick<Limits, 'identityCacheCount' | 'identityCacheMs'>,
    private readonly clock: Clock,
    private readonly invalidation: Pick<CacheInvalidation, 'join' | 'entryMs'>,
  ) {
    invalidation.join(this);
    this.#known = new LRUCache({ max: limits.identityCacheCount });
  }

  /** The caller, if the cache knows. */
  peek(authorization: string | undefined): Identity | undefined {
    if (authorization === undefined) return undefined;
    const known = this.#known.get(authorization);
    if (known === undefined) return undefined;
    const trustedMs = Math.min(this.limits.identityCacheMs, this.invalidation.entryMs);
    return this.clock.now() - known.askedAtMs < trustedMs ? known.identity : undefined;
  }

  /** A subject was written, or everything may have been. */
  forgetStale({ kind, name }: Stale): void {
    if (kind !== 'subject' && kind !== 'all') return;
    this.#forgotten += 1;
    for (const [authorization, { identity }] of [...this.#known.entries()])
      if (kind === 'all' || identity.subject === name) this.#known.delete(authorization);
    this.#asking.clear();
  }

  /** The caller. Throws the 401 Rejection if there is none. */
  async authenticate(authorization: string | undefined): Promise<Identity> {
    const identity = this.peek(authorization);
    if (identity !== undefined) return identity;
    const text = readBasic(authorization);
    if (authorization === undefined || text === undefined) throw rejections.noCredentials();
    const underWay = this.#asking.get(authorization);
    if (underWay !== undefined) return underWay;
    const asking: Promise<Identity> = this.#ask(authorization, text).finally(() => {
      if (this.#asking.get(authorization) === asking) this.#asking.delete(authorization);
    });
    this.#asking.set(authorization, asking);
    return asking;
  }

  async #ask(authorization: string, text: string): Promise<Identity> {
    const colon = text.indexOf(':');
    const uuid = text.slice(0, Math.max(colon, 0));
    const key = text.slice(colon + 1);
    if (!uuidPattern.test(uuid) || !keyPattern.test(key)) throw rejections.badCredentials();
    const askedAtMs = this.clock.now();
    const forgotten = this.#forgotten;
    const identity = await this.subjects.authenticate(uuid, key);
    if (identity === undefined) {
      this.#known.delete(authorization);
      throw rejections.badCredentials();
    }
    if (forgotten === this.#forgotten) this.#known.set(authorization, { identity, askedAtMs });
    return identity;
  }
}
