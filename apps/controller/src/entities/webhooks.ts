// Webhooks: one for each trigger that its owner gave one. Whoever knows its token fires the trigger, without credentials.
//
// Guarantees: a token is 256 random bits, shown once, when it is made; the store has only its digest. A new one replaces the old one at once. The
// webhook ends with its trigger. Whether a trigger is there, has a webhook or has another token cannot be told apart, nor by the time of comparing.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type EntityName,
  isName,
  type JsonObject,
  readWebhookHeaders,
  rejections,
  type StoredTrigger,
  type Webhook,
} from '#entity';
import type { Limits } from '#limits';
import type { Triggers } from './triggers';

const tokenBytes = 32;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

export interface Hooked {
  readonly trigger: StoredTrigger;
  readonly webhook: Webhook;
}

export class Webhooks {
  constructor(
    private readonly triggers: Triggers,
    private readonly limits: Pick<Limits, 'webhookHeadersCount'>,
    private readonly random: (bytes: number) => Buffer = randomBytes,
  ) {}

  /** Makes it, or replaces its token and what is passed on. Throws 404 if the trigger is not there. */
  async put(name: EntityName, body: () => unknown): Promise<JsonObject> {
    const headers = readWebhookHeaders(body(), this.limits.webhookHeadersCount);
    const token = this.random(tokenBytes).toString('base64url');
    await this.triggers.putWebhook(name, { digest: digestOf(token).toString('base64'), headers });
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
    return shown;
  }

  /** The trigger that these open; undefined, whatever is wrong. */
  async opened(namespace: string, trigger: string, token: string): Promise<Hooked | undefined> {
    if (!isName(namespace) || !isName(trigger) || !tokenPattern.test(token)) return undefined;
    const stored = await this.triggers.peek({ namespace, packageName: undefined, name: trigger });
    const webhook = stored?.document.webhook;
    const expected = webhook === undefined ? Buffer.alloc(tokenBytes) : Buffer.from(webhook.digest, 'base64');
    const isRight = timingSafeEqual(digestOf(token), expected);
    return isRight && stored !== undefined && webhook !== undefined ? { trigger: stored, webhook } : undefined;
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
