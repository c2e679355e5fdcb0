// The webhook of a trigger: what is stored of it, how the body that makes it is read, and which headers it passes on. Pure.
import { isObject } from './json';
import { messages } from './messages';
import { rejections } from './rejections';

export interface Webhook {
  /** SHA-256 of the token, as base64. */
  readonly digest: string;
  /** Names of the headers that are passed on, in lower case. */
  readonly headers: readonly string[];
}

/** Those of `names` that came; undefined if none did. */
export function chosenHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const came = names.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, [value].flat().join(', ')] as const];
  });
  return came.length === 0 ? undefined : Object.fromEntries(came);
}

const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

/** The `headers` of a body that makes a webhook: names, in lower case from here on. Throws a 400. */
export function readWebhookHeaders(body: unknown, countMax: number): string[] {
  if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
  const { headers: given = [] } = body;
  const isNames = Array.isArray(given) && given.every((name) => typeof name === 'string');
  const names = isNames ? [...new Set((given as string[]).map((name) => name.toLowerCase()))] : [''];
  if (names.length > countMax || !names.every((name) => headerName.test(name)))
    throw rejections.notValid(messages.webhookHeadersMalformed(countMax));
  return names;
}
