// The headers that a web action gives its response. Pure.
//
// Guarantees: what comes out can be written as header lines, one name and one value each, and neither ends its line nor speaks about the
// connection or the length of the body. What cannot be written is left out, as OpenWhisk does; what is no header value at all is refused.
import { isObject, rejections } from '#entity';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const control = /[\x00-\x08\x0a-\x1f\x7f]/; // these are what must not get out
const beyondAscii = /[^\x09\x20-\x7e]/; // the tab may stay

/** Said by whoever sends the response. */
const notTheirs = new Set([
  ...['connection', 'content-length', 'date', 'keep-alive', 'proxy-connection', 'server', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);

export interface ActionHeaders {
  /** Name, value, name, value; without Content-Type. */
  readonly fields: readonly string[];
  readonly contentType: string | undefined;
}

/** The values of one name in order; a list stands for the name several times. Throws the 400 of what is no value. */
function valuesOf(given: unknown): string[] {
  const values: string[] = [];
  const rest = [given];
  while (rest.length > 0) {
    const value = rest.pop();
    if (Array.isArray(value)) for (let index = value.length - 1; index >= 0; index--) rest.push(value[index]);
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      values.push(String(value));
    else throw rejections.invalidMedia('message/http');
  }
  return values;
}

/** As it is written: beyond ASCII the bytes are UTF-8. */
function written(value: string): string {
  return beyondAscii.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}

/** `given` is the member `headers` of a result; undefined for none. */
export function readActionHeaders(given: unknown): ActionHeaders {
  if (given === undefined) return { fields: [], contentType: undefined };
  if (!isObject(given)) throw rejections.invalidMedia('message/http');
  const fields: string[] = [];
  let contentType: string | undefined;
  for (const [name, value] of Object.entries(given)) {
    const values = valuesOf(value);
    const lower = name.toLowerCase();
    if (lower === 'content-type') contentType ??= values[0];
    else if (token.test(name) && !notTheirs.has(lower)) {
      for (const text of values) if (!control.test(text)) fields.push(name, written(text));
    }
  }
  return { fields, contentType };
}
