// Who is calling: from the Authorization header to an identity, with a cache in front of the store.
//
// Guarantees: `peek` never waits and never asks the store. A known credential is trusted for `identityCacheMs` after the store was last
// asked, or less while other controllers' writes may not be noticed (cache-invalidation.ts), so a blocked subject or a changed limit takes
// effect within that time. Refusals are not cached, and a header that cannot be a
// credential is refused without asking the store. What cannot be read as Basic credentials counts as none (compatibility notes, R3).
import type { Clock } from '#clock';
import { type Identity, rejections } from '#entity';
import type { Limits } from '#limits';
import type { SubjectStore } from '#store';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';
import { FreshCache } from './fresh-cache';
import { identityBytes, isIdentityStale } from './identity-cache';

const basic = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const keyPattern = /^[A-Za-z0-9]{64}$/;

/** The token's text, or undefined if the header is not Basic credentials. */
function readBasic(authorization: string | undefined): string | undefined {
  const token = authorization === undefined ? undefined : basic.exec(authorization)?.[1];
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8');
}

export class Authenticator implements CacheHolder {
  readonly #known: FreshCache<Identity>;

  constructor(
    private readonly subjects: Pick<SubjectStore, 'authenticate'>,
    limits: Pick<Limits, 'identityCacheBytes' | 'identityCacheMs'>,
    clock: Pick<Clock, 'now'>,
    invalidation: Pick<CacheInvalidation, 'join' | 'entryMs'>,
  ) {
    invalidation.join(this);
    const entryMs = (): number => Math.min(limits.identityCacheMs, invalidation.entryMs);
    this.#known = new FreshCache(limits.identityCacheBytes, identityBytes, clock, entryMs);
  }

  /** The caller, if the cache knows. */
  peek(authorization: string | undefined): Identity | undefined {
    return authorization === undefined ? undefined : this.#known.peek(authorization);
  }

  /** A subject or limits were written, or everything may have been. */
  forgetStale(stale: Stale): void {
    this.#known.forget((identity) => isIdentityStale(identity, stale));
  }

  /** The caller. Throws the 401 Rejection if there is none. */
  async authenticate(authorization: string | undefined): Promise<Identity> {
    const known = this.peek(authorization);
    if (known !== undefined) return known;
    const text = readBasic(authorization);
    if (authorization === undefined || text === undefined) throw rejections.noCredentials();
    const identity = await this.#known.read(authorization, () => this.#ask(text));
    if (identity === undefined) throw rejections.badCredentials();
    return identity;
  }

  #ask(text: string): Promise<Identity | undefined> {
    const colon = text.indexOf(':');
    const uuid = text.slice(0, Math.max(colon, 0));
    const key = text.slice(colon + 1);
    if (!uuidPattern.test(uuid) || !keyPattern.test(key)) return Promise.resolve(undefined);
    return this.subjects.authenticate(uuid, key);
  }
}
