// Sends recorded requests to a platform, one after another, and says where its answers depart from the recorded ones.
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type GivenAnswer, judge, parseJson } from './compare';
import type { RecordedCase, RecordedRequest } from './recording';

export interface Credentials {
  readonly guest: string;
  readonly system: string;
}

const answerTimeoutMs = 90_000;
const pollMs = 100;

export class Replay {
  readonly #captured = new Map<string, string>();

  constructor(
    private readonly apiHost: string,
    private readonly credentials: Credentials,
  ) {}

  /** Complaints; none means agreement. */
  async play(recorded: RecordedCase): Promise<string[]> {
    if (recorded.waitBeforeMs !== undefined) await delay(recorded.waitBeforeMs);
    const given = await this.#answer(recorded);
    const body = parseJson(given.bytes.toString('utf8'));
    for (const [name, path] of Object.entries(recorded.capture ?? {})) {
      const value = path
        .split('.')
        .reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], body);
      if (typeof value === 'string' || typeof value === 'number') this.#captured.set(name, String(value));
    }
    return judge(recorded.response, given);
  }

  async #answer({ request, poll }: RecordedCase): Promise<GivenAnswer> {
    const until = performance.now() + (poll?.maxMs ?? 10_000);
    for (;;) {
      const given = await this.#send(request);
      const isThere =
        !poll || (given.status === poll.status && (!poll.contains || given.bytes.includes(poll.contains)));
      if (isThere || performance.now() > until) return given;
      await delay(pollMs);
    }
  }

  #fill(text: string): string {
    return text
      .replace(/\{\{(guest|system)\}\}/g, (_, who: keyof Credentials) =>
        Buffer.from(this.credentials[who]).toString('base64'),
      )
      .replace(/\{\{repeat:(.*?):(\d+)\}\}/g, (_, unit: string, count: string) => unit.repeat(Number(count)))
      .replace(/\{\{var:([\w.-]+)\}\}/g, (_, name: string) => {
        const value = this.#captured.get(name);
        if (value === undefined) throw new Error(`needs ${name}, which an earlier answer did not give`);
        return value;
      });
  }

  #send({ method, path, headers, body }: RecordedRequest): Promise<GivenAnswer> {
    const { hostname, port } = new URL(this.apiHost);
    const bytes = body === undefined ? undefined : Buffer.from(this.#fill(body));
    const filled: http.OutgoingHttpHeaders = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, this.#fill(String(value))]),
    );
    if (bytes) filled['Content-Length'] = bytes.length;
    const options = {
      hostname,
      port,
      method,
      path: this.#fill(path),
      headers: filled,
      agent: false,
      timeout: answerTimeoutMs,
    };
    return new Promise((resolve, reject) => {
      const request = http.request(options, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes: Buffer.concat(chunks) }),
        );
      });
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`no answer in ${answerTimeoutMs} ms`)));
      request.end(bytes);
    });
  }
}
