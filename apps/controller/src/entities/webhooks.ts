// Webhooks: one for each trigger that its owner gave one. Whoever knows its token fires the trigger, without credentials.
//
// Guarantees: a token is 256 random bits, shown once, when it is made; the store has only its digest. A new one replaces the old one at once. The
// webhook ends with its trigger. Whether a trigger is there, has a webhook or has another token cannot be told apart, nor by the time of comparing.
// Wrong tokens cost the store no more than a look at each trigger that is named, and of those at most so many a minute for one address.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#clock';
import {
  type EntityName,
  fullyQualifiedName,
  isName,
  type JsonObject,
  readWebhookHeaders,
  rejections,
  type StoredTrigger,
  type Webhook,
} from '#entity';
import type { Limits } from '#limits';
import { WrongGuesses } from '../throttle/wrong-guesses';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';
import { FreshCache } from './fresh-cache';
import type { Triggers } from './triggers';

const tokenBytes = 32;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

export interface Hooked {
  readonly trigger: StoredTrigger;
  readonly webhook: Webhook;
}

/** Of a trigger; 32 zeros where there is no webhook, which are nobody's digest. */
interface KnownDigest {
  readonly trigger: string;
  readonly digest: Buffer;
}

type WebhookLimits = Pick<
  Limits,
  'webhookHeadersCount' | 'webhookWrongTokensPerMinute' | 'webhookClientsCount' | 'webhookCacheBytes'
>;

/** Of an entry beside its name. */
const entryOverheadBytes = 256;

export class Webhooks implements CacheHolder {
  readonly #known: FreshCache<KnownDigest>;
  readonly #wrong: WrongGuesses;

  constructor(
    private readonly triggers: Triggers,
    private readonly limits: WebhookLimits,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly invalidation: Pick<CacheInvalidation, 'join' | 'entryMs' | 'tell'>,
    private readonly random: (bytes: number) => Buffer = randomBytes,
  ) {
    invalidation.join(this);
    const sizeOf = (_: KnownDigest, key: string): number => key.length + entryOverheadBytes;
    this.#known = new FreshCache(limits.webhookCacheBytes, sizeOf, clock, () => invalidation.entryMs);
    this.#wrong = new WrongGuesses(limits.webhookWrongTokensPerMinute, limits.webhookClientsCount);
  }

  /** Triggers and actions share their names. */
  forgetStale({ kind, name }: Stale): void {
    if (kind === 'all') this.#known.forget(() => true);
    else if (kind === 'action') this.#known.forget(({ trigger }) => trigger === name);
  }

  /** Makes it, or replaces its token and what is passed on. Throws 404 if the trigger is not there. */
  async put(name: EntityName, body: () => unknown): Promise<JsonObject> {
    const headers = readWebhookHeaders(body(), this.limits.webhookHeadersCount);
    const token = this.random(tokenBytes).toString('base64url');
    await this.triggers.putWebhook(name, { digest: digestOf(token).toString('base64'), headers });
    await this.#written(name);
    const path = ['', 'hearth', 'v1', 'hooks', name.namespace, name.name, token].map(encodeURIComponent).join('/');
    return { path, token, headers };
  }

  /** Without its token, which nobody knows. Throws 404 if there is none. */
  async get(name: EntityName): Promise<JsonObject> {
    const { webhook } = (await this.triggers.stored(name)).document;
    if (webhook === undefined) throw rejections.notFound();
    return { headers: webhook.headers };
  }

  /** Throws 404 if there is none. */
  async remove(name: EntityName): Promise<JsonObject> {
    const shown = await this.get(name);
    await this.triggers.putWebhook(name, undefined);
    await this.#written(name);
    return shown;
  }

  /**
   * The trigger that these open; undefined, whatever is wrong. `client`: the address that asks. Throws the 429 of one that guessed wrong too
   * often, where the store would have to be asked.
   */
  async opened(namespace: string, trigger: string, token: string, client: string): Promise<Hooked | undefined> {
    if (!isName(namespace) || !isName(trigger) || !tokenPattern.test(token)) return undefined;
    const name = { namespace, packageName: undefined, name: trigger };
    const [key, now] = [fullyQualifiedName(name), this.clock.now()];
    const guesses = this.#wrong.countOf(client, now);
    const mayAsk = guesses < this.#wrong.limit;
    if (!mayAsk && this.#known.peek(key) === undefined)
      throw rejections.tooManyRequests(guesses + 1, this.#wrong.limit);
    // A look at the store counts before it is answered, or many at once would all be let through.
    let isCounted = false;
    const known = await this.#known.read(key, () => {
      isCounted = true;
      this.#wrong.add(client, now);
      return this.#read(name);
    });
    const isRight = timingSafeEqual(digestOf(token), known!.digest);
    const stored = isRight ? await this.triggers.peek(name) : undefined;
    const webhook = stored?.document.webhook;
    // It may have been replaced, or have ended with its trigger, since.
    if (webhook !== undefined && timingSafeEqual(digestOf(token), Buffer.from(webhook.digest, 'base64'))) {
      if (isCounted) this.#wrong.takeBack(client, now);
      return { trigger: stored!, webhook };
    }
    if (!isCounted) this.#wrong.add(client, now);
    return undefined;
  }

  async #read(name: EntityName): Promise<KnownDigest> {
    const webhook = (await this.triggers.peek(name))?.document.webhook;
    const digest = webhook === undefined ? Buffer.alloc(tokenBytes) : Buffer.from(webhook.digest, 'base64');
    return { trigger: fullyQualifiedName(name), digest };
  }

  async #written(name: EntityName): Promise<void> {
    const stale = { kind: 'action', name: fullyQualifiedName(name) } as const;
    this.forgetStale(stale);
    await this.invalidation.tell(stale);
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
