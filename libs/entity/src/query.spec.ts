import { defaultLimits } from '#limits';
import { readActivationFilter, readBoolean, readPage, readWait } from './query';

const query = (text: string) => new URLSearchParams(text);
const malformed = (name: string, detail: string) => `The query parameter '${name}' was malformed:\n${detail}`;

describe('booleans', () => {
  it.each([
    ['', true],
    ['code=', true],
    ['code=true', true],
    ['code=1', true],
    ['code=FALSE', false],
    ['code=off', false],
    ['code=no&code=yes', false],
  ])('reads %p as %p, true being the default', (text, expected) => {
    expect(readBoolean(query(text), 'code', true)).toBe(expected);
  });

  it('refuses anything else', () => {
    expect(() => readBoolean(query('code=maybe'), 'code', true)).toThrow(
      malformed('code', "'maybe' is not a valid Boolean value"),
    );
  });
});

describe('pages', () => {
  const read = (text: string) => readPage(query(text), 'actions', defaultLimits);

  it.each([
    ['', { skip: 0, limit: 30, isCount: false }],
    ['limit=0', { skip: 0, limit: 200, isCount: false }],
    ['limit=200&skip=7', { skip: 7, limit: 200, isCount: false }],
    ['count=true&foo=bar', { skip: 0, limit: 30, isCount: true }],
  ])('reads %p', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['limit=-1', malformed('limit', "The value '-1' is not in the range of 0 to 200 for actions.")],
    ['limit=201', malformed('limit', "The value '201' is not in the range of 0 to 200 for actions.")],
    ['limit=abc', malformed('limit', "The value 'abc' is not an integer for actions.")],
    ['limit=', malformed('limit', "The value '' is not an integer for actions.")],
    ['limit=1.5', malformed('limit', "The value '1.5' is not an integer for actions.")],
    ['limit=99999999999', malformed('limit', "The value '99999999999' is not an integer for actions.")],
    ['skip=-1', malformed('skip', "The value '-1' is not greater than or equal to 0 for actions.")],
    ['skip=abc&limit=abc', malformed('skip', "The value 'abc' is not an integer for actions.")],
    ['count=maybe', malformed('count', "'maybe' is not a valid Boolean value")],
  ])('refuses %p', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ status: 400, cors: false, message }) as Error);
  });
});

describe('filters of activations', () => {
  const read = (text: string) => readActivationFilter(query(text), defaultLimits);

  it.each([
    ['name=a', { name: 'a' }],
    ['name=p/a', { packageName: 'p', name: 'a' }],
    ['name=/guest/a', { packageName: 'guest', name: 'a' }],
    ['name=', {}],
    ['since=-1&upto=1700000000000', { since: -1, upto: 1_700_000_000_000 }],
    ['docs=true', { hasDocs: true }],
  ])('reads %p', (text, expected) => {
    expect(read(text)).toEqual({ skip: 0, limit: 30, isCount: false, hasDocs: false, ...expected });
  });

  it.each([
    ['name=a/b/c', malformed('name', "Parameter may be a 'simple' name or 'package-name/simple' name: a/b/c")],
    ['name=bad$name', malformed('name', "Parameter may be a 'simple' name or 'package-name/simple' name: bad$name")],
    ['since=abc', malformed('since', 'Parameter is not a valid value for epoch seconds: abc')],
    ['upto=1.5', malformed('upto', 'Parameter is not a valid value for epoch seconds: 1.5')],
    ['docs=maybe', malformed('docs', "'maybe' is not a valid Boolean value")],
    ['count=true&docs=true', "The parameter 'docs' is not permitted with 'count'."],
  ])('refuses %p', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ status: 400, message }) as Error);
  });
});

describe('the wait of a blocking call', () => {
  it.each([
    ['', 60_000],
    ['timeout=1', 1],
    ['timeout=60000', 60_000],
  ])('reads %p', (text, expected) => {
    expect(readWait(query(text), defaultLimits)).toBe(expected);
  });

  it.each(['0', '-1', '60001', 'abc', '', '1.5'])('refuses %p', (value) => {
    expect(() => readWait(query(`timeout=${value}`), defaultLimits)).toThrow(
      malformed('timeout', 'Timeout must be number of milliseconds up to 60000.'),
    );
  });
});
