// Asks a platform what a row says, and fails with everything in which the answer departs from it.
import { cors as apiCors } from '../../support/answers';
import { rawRequest, type RawAnswer } from '../../support/raw-http';
import { pause } from '../../support/until';
import type { Answer, Asked, Asker, Cors, Row } from './row';

/** By whose they are; `allow-headers` of web actions may be the request's. */
const corsHeaders: Readonly<Record<Exclude<Cors, 'none'>, Readonly<Record<string, string>>>> = {
  api: apiCors,
  web: {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH',
  },
  invokers: { ...apiCors, 'access-control-allow-methods': 'OPTIONS, GET, POST' },
};
const soonMs = 30_000;

/** Of each: the credential, and the namespace that `_` stands for in paths of web actions. */
export type Credentials = Readonly<Record<Exclude<Asker, 'nobody'>, string>>;

export class TableAsker {
  readonly #kept = new Map<string, string>();

  constructor(
    private readonly apiHost: string,
    private readonly credentials: Credentials,
  ) {}

  async ask(asked: Asked): Promise<RawAnswer> {
    const [method = '', path = ''] = asked.ask.split(/ (.*)/s);
    const filled = this.#fill(path);
    const body =
      asked.send === undefined || typeof asked.send === 'string' || Buffer.isBuffer(asked.send)
        ? asked.send
        : JSON.stringify(asked.send);
    const bytes = typeof body === 'string' ? Buffer.from(this.#fill(body)) : body;
    const headers: Record<string, string> = { ...this.#credential(asked.as ?? 'guest') };
    if (bytes) Object.assign(headers, { 'content-type': 'application/json', 'content-length': String(bytes.length) });
    for (const [name, value] of Object.entries(asked.with ?? {})) {
      if (value === '') delete headers[name];
      else headers[name] = value;
    }
    const url = `${this.apiHost}${filled.startsWith('/') ? filled : `/api/v1/namespaces/_/${filled}`}`;
    const answer = await rawRequest(url, { method, headers, ...(bytes && { body: bytes }) });
    for (const [name, member] of Object.entries(asked.keep ?? {})) this.#keep(name, member, answer);
    return answer;
  }

  /** Fails if it does not succeed. */
  async prepare(asked: Asked): Promise<void> {
    const answer = await this.ask(asked);
    if (answer.status >= 300) throw new Error(`${asked.ask} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  }

  async check(row: Row): Promise<void> {
    const deadline = performance.now() + soonMs;
    for (;;) {
      const answer = await this.ask(row);
      try {
        return expectAnswer(answer, row);
      } catch (error) {
        if (row.soon !== true || performance.now() > deadline) throw error;
        await pause(50);
      }
    }
  }

  #credential(asker: Asker): Record<string, string> {
    return asker === 'nobody'
      ? {}
      : { authorization: `Basic ${Buffer.from(this.credentials[asker]).toString('base64')}` };
  }

  #keep(name: string, member: string, answer: RawAnswer): void {
    if (answer.status >= 300 && answer.status < 500) return;
    const value = member.split('.').reduce((at: unknown, key) => (at as Record<string, unknown>)[key], answer.json);
    this.#kept.set(name, String(value));
  }

  #fill(text: string): string {
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = this.#kept.get(name);
      if (value === undefined) throw new Error(`no earlier row kept ${name}`);
      return value;
    });
  }
}

/** R5: which answers have the headers of the REST API's CORS. */
function corsOf({ status, error }: Answer): Cors {
  if ([401, 405, 406, 415].includes(status)) return 'none';
  const text = error instanceof RegExp ? error.source : (error ?? '');
  const syntax =
    /could not be found|request content was malformed|query parameter|illegal characters|longer than allowed: \d+ > 256|Activation id|activation id is not valid/;
  return syntax.test(text) ? 'none' : 'api';
}

function expectAnswer(answer: RawAnswer, wanted: Answer): void {
  const { status, error, body, part, text, headers = {}, cors = corsOf(wanted), ran = false } = wanted;
  // The text beside it says what came instead.
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([status, expect.any(String)]);
  if (error !== undefined) {
    const expected: unknown = typeof error === 'string' ? error : expect.stringMatching(error);
    expect(answer.json).toEqual({ error: expected, code: answer.headers['x-request-id'] });
    expect(answer.headers['content-type']).toBe('application/json');
  }
  if (body !== undefined) expect(answer.json).toEqual(body);
  if (part !== undefined) expect(answer.json).toMatchObject(part);
  if (text instanceof RegExp) expect(answer.text).toMatch(text);
  else if (text !== undefined) expect(answer.text).toBe(text);
  const given = (names: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, answer.headers[name]]));
  expect(given(headers)).toEqual(headers);
  if (cors === 'none') expect(answer.headers['access-control-allow-methods']).toBeUndefined();
  else expect(given(corsHeaders[cors])).toEqual(corsHeaders[cors]);
  expect(answer.headers['x-openwhisk-activation-id'] !== undefined).toBe(ran);
  expect(answer.headers['x-request-id']).toEqual(expect.any(String));
}
