// The guest as a caller of a platform: the REST API by raw HTTP, with credentials and JSON taken care of.
import { until } from './until';
import type { Platform } from './platform';
import { type Json, rawRequest, type RawAnswer } from './raw-http';

export interface ActionOptions {
  readonly kind?: string;
  readonly limits?: Record<string, number>;
  readonly annotations?: { key: string; value: unknown }[];
  readonly parameters?: { key: string; value: unknown }[];
}

export class Guest {
  constructor(private readonly platform: Pick<Platform, 'apiHost' | 'apiKey'>) {}

  get authorization(): string {
    return `Basic ${Buffer.from(this.platform.apiKey).toString('base64')}`;
  }

  /** `path` is below /api/v1/namespaces/_/ unless it begins with a slash. */
  url(path: string): string {
    return `${this.platform.apiHost}${path.startsWith('/') ? path : `/api/v1/namespaces/_/${path}`}`;
  }

  /** A request with credentials; a body that is no text is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const length: Record<string, string> =
      text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    return rawRequest(this.url(path), {
      method,
      headers: { authorization: this.authorization, ...type, ...length, ...headers },
      body: text,
    });
  }

  /** Creates or replaces an action. */
  async putAction(name: string, code: string, { kind = 'nodejs:20', ...rest }: ActionOptions = {}): Promise<RawAnswer> {
    const answer = await this.call('PUT', `actions/${name}?overwrite=true`, { exec: { kind, code }, ...rest });
    if (answer.status !== 200) throw new Error(`PUT ${name} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  /** Invokes and waits; the answer is the record, or with `result` the bare result. */
  invoke(name: string, payload: unknown = {}, query = 'blocking=true'): Promise<RawAnswer> {
    return this.call('POST', `actions/${name}?${query}`, payload);
  }

  /** The stored record, once it is there. */
  record(activationId: string, withinMs = 20_000): Promise<Json> {
    return until(
      `the record of ${activationId}`,
      async () => {
        const answer = await this.call('GET', `activations/${activationId}`);
        return answer.status === 200 ? answer.json : undefined;
      },
      withinMs,
    );
  }

  /** How many records an action has. */
  async recordCount(name: string): Promise<number> {
    const answer = await this.call('GET', `activations?name=${name}&count=true`);
    return Number(answer.json.activations);
  }
}
