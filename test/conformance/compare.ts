// Whether an answer agrees with a recorded one.
//
// Placeholders in recorded texts ({{activationId}}, {{timestamp}}, …) match any value of their form; a value that is just {{any}} matches
// anything. Lists of {key, value} are compared by key, entities by name, log lines by stream, other lists in order. Recorded headers have
// to be there; further ones are allowed. Complaints are readable lines; none means agreement.
import type { RecordedAnswer } from './recording';

export interface GivenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

const forms: Readonly<Record<string, string>> = {
  activationId: '[0-9a-f]{32}',
  transid: '[A-Za-z0-9_-]+',
  timestamp: '1[0-9]{12}',
  duration: '[0-9]+(?:\\.[0-9]+)?',
  isoTime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z *',
  guest: '[A-Za-z0-9+/=]+',
  system: '[A-Za-z0-9+/=]+',
  host: '[A-Za-z0-9.:_-]+',
  stack: '[\\s\\S]*',
  any: '[\\s\\S]*',
};

const placeholder = /(\{\{\w+\}\})/;
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a text has the form of a recorded one. */
export function agrees(expected: string, actual: unknown): boolean {
  if (!placeholder.test(expected)) return expected === actual;
  const pattern = expected
    .split(placeholder)
    .map((part) => {
      const form = /^\{\{(\w+)\}\}$/.exec(part)?.[1];
      return form !== undefined && forms[form] !== undefined ? `(?:${forms[form]})` : escape(part);
    })
    .join('');
  return new RegExp(`^${pattern}$`, 's').test(String(actual));
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListWith = (list: unknown, least: number, ...keys: string[]): list is Members[] =>
  Array.isArray(list) &&
  list.length >= least &&
  list.every((item) => isMembers(item) && keys.every((key) => key in item));

const isKeyValueList = (list: unknown): list is Members[] => isListWith(list, 1, 'key', 'value');
// initTime is there only after a cold start, which may come at another point of the replay.
const byKey = (list: readonly Members[]): Members =>
  Object.fromEntries(list.filter(({ key }) => key !== 'initTime').map((item) => [item.key, item]));

// Lists are newest first; what was written in the same millisecond has no order.
const isEntityList = (list: unknown): list is Members[] => isListWith(list, 2, 'updated', 'name');
const fullName = ({ namespace, name }: Members): string => `${String(namespace)}/${String(name)}`;
const byName = (list: readonly Members[]): Members[] => [...list].sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));

// Log lines of one stream are in order; two streams race. Stack frames name files of the runtime.
const isLogList = (list: unknown): list is string[] =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.every((line) => typeof line === 'string' && / (stdout|stderr): /.test(line));
const ofStream = (lines: readonly string[], stream: string): string[] =>
  lines.filter((line) => new RegExp(`^\\S+ +${stream}: `).test(line) && !/: +at /.test(line));

export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function differInList(expected: readonly unknown[], actual: unknown, path: string): string[] {
  if (!Array.isArray(actual)) return [`${path || '(body)'}: expected a list, got ${short(actual)}`];
  if (expected.length !== actual.length) {
    return [`${path || '(body)'}: expected ${expected.length} items, got ${actual.length}: ${short(actual)}`];
  }
  return expected.flatMap((item, index) => differ(item, actual[index], `${path}[${index}]`));
}

function differInMembers(expected: Members, actual: unknown, path: string): string[] {
  if (!isMembers(actual)) return [`${path || '(body)'}: expected an object, got ${short(actual)}`];
  const keys = Object.keys(expected);
  const missing = keys.filter((key) => !(key in actual));
  const extra = Object.keys(actual).filter((key) => !(key in expected));
  return [
    ...missing.map((key) => `${path}.${key}: missing, expected ${short(expected[key])}`),
    ...extra.map((key) => `${path}.${key}: not expected, got ${short(actual[key])}`),
    ...keys.filter((key) => key in actual).flatMap((key) => differ(expected[key], actual[key], `${path}.${key}`)),
  ];
}

/** Every place where `actual` departs from `expected`. */
export function differ(expected: unknown, actual: unknown, path = ''): string[] {
  if (expected === '{{any}}') return [];
  if (typeof expected === 'string' && placeholder.test(expected)) {
    return agrees(expected, actual) ? [] : [`${path || '(body)'}: expected ${expected}, got ${short(actual)}`];
  }
  if (isLogList(expected) && isLogList(actual)) {
    return ['stdout', 'stderr'].flatMap((stream) =>
      differInList(ofStream(expected, stream), ofStream(actual, stream), `${path}.${stream}`),
    );
  }
  if (isKeyValueList(expected) && isKeyValueList(actual)) return differInMembers(byKey(expected), byKey(actual), path);
  if (isEntityList(expected) && isEntityList(actual)) return differInList(byName(expected), byName(actual), path);
  if (Array.isArray(expected)) return differInList(expected, actual, path);
  if (isMembers(expected)) return differInMembers(expected, actual, path);
  return Object.is(expected, actual) ? [] : [`${path || '(body)'}: expected ${short(expected)}, got ${short(actual)}`];
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const flat = (value: string | string[]): string => [value].flat().join(', ');
const spaceless = (text: string): string => text.replace(/\s/g, '').toLowerCase();

function headersDiffer(expected: RecordedAnswer['headers'], actual: GivenAnswer['headers']): string[] {
  return Object.entries(expected ?? {}).flatMap(([name, value]) => {
    const given = actual[name];
    const isSame =
      given !== undefined &&
      (name === 'content-type'
        ? agrees(spaceless(flat(value)), spaceless(flat(given)))
        : agrees(flat(value), flat(given)));
    return isSame ? [] : [`header ${name}: expected ${short(value)}, got ${short(given)}`];
  });
}

function bodyDiffers(expected: RecordedAnswer, bytes: Buffer): string[] {
  const text = bytes.toString('utf8');
  if ('body' in expected) {
    const body = parseJson(text);
    return body === undefined ? [`body: expected JSON, got ${short(text)}`] : differ(expected.body, body);
  }
  if (expected.bodyBase64 !== undefined) {
    return expected.bodyBase64 === bytes.toString('base64') ? [] : ['body: other bytes'];
  }
  if (expected.bodyKeys !== undefined) {
    const body = (parseJson(text) ?? {}) as Members;
    const missing = expected.bodyKeys.filter((key) => !(key in body)).map((key) => `.${key}: missing`);
    const { error } = expected;
    const isOther =
      error !== undefined && !(typeof body.error === 'string' && body.error.startsWith(error.slice(0, 120)));
    return isOther ? [...missing, `.error: expected ${short(error)}, got ${short(body.error)}`] : missing;
  }
  const isOther = expected.text !== undefined && !agrees(expected.text, text);
  return isOther ? [`body: expected ${short(expected.text)}, got ${short(text)}`] : [];
}

/** Every place where an answer departs from the recorded one. */
export function judge(expected: RecordedAnswer, given: GivenAnswer): string[] {
  const headers = headersDiffer(expected.headers, given.headers);
  if (expected.status === given.status) return [...headers, ...bodyDiffers(expected, given.bytes)];
  return [
    `status: expected ${expected.status}, got ${given.status} ${short(given.bytes.toString('utf8'))}`,
    ...headers,
  ];
}

/** The complaints, those of the expected form replaced by it: equal to `expected` if they are what was expected. */
export function inFormOf(expected: readonly string[], complaints: readonly string[]): string[] {
  return complaints.map((complaint, index) => {
    const form = expected[index];
    return form !== undefined && agrees(form, complaint) ? form : complaint;
  });
}
