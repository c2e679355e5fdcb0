// PUT of actions: exec, and bodies as such.
import { annotated, badQuery, echo, malformed, nodejs, notThere, type Row, type Table } from './row';

const code = 'function main() { return {} }';
const put = (rule: string, send: unknown, rest: Partial<Row>): Row => ({
  rule,
  ask: 'PUT actions/ac-x?overwrite=true',
  send,
  status: 200,
  ...rest,
});
const wrong = (rule: string, exec: unknown, detail: string | RegExp): Row =>
  put(rule, { exec }, { status: 400, error: typeof detail === 'string' ? malformed(detail) : detail });
const unknown =
  /^The request content was malformed:\nThe specified runtime '.*' is not supported by this platform\. Valid values are: (?=.*'nodejs:20')(?=.*'blackbox')(?=.*'sequence').*'\.$/;
const required = (text: string): string => `requirement failed: ${text}`;
const shown = (exec: unknown, stored: unknown): Row =>
  put('exec as it is stored', { exec }, { part: { exec: stored } });
const unqualified =
  'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.';

export const actionExecTables: Table[] = [
  {
    section: '2.4',
    title: 'exec (A11, A12, A13)',
    rows: [
      shown({ kind: 'nodejs:20', code }, { kind: 'nodejs:20', code, binary: false }),
      shown({ kind: 'nodejs:default', code }, { kind: 'nodejs:20', code, binary: false }),
      shown({ kind: ' NodeJS:20 ', code }, { kind: 'nodejs:20', code, binary: false }),
      shown({ kind: 'nodejs:20', code: 'YWJjZA==' }, { kind: 'nodejs:20', code: 'YWJjZA==', binary: true }),
      shown({ kind: 'nodejs:20', code: 'abcd', binary: false }, { kind: 'nodejs:20', code: 'abcd', binary: true }),
      shown({ kind: 'nodejs:20', code, binary: true }, { kind: 'nodejs:20', code, binary: false }),
      shown(
        { kind: 'nodejs:20', code: '', main: '' },
        { kind: 'nodejs:20', code: '', main: '', binary: expect.any(Boolean) },
      ),
      shown(
        { kind: 'nodejs:20', code, main: 'other', image: 'a/b' },
        { kind: 'nodejs:20', code, main: 'other', binary: false },
      ),
      shown({ kind: 'nodejs:20', code, extra: 1 }, { kind: 'nodejs:20', code, binary: false }),
      wrong('no kind', { code }, "'kind' must be a string defined in 'exec'"),
      wrong('a kind that is no string', { kind: ['nodejs:20'], code }, "'kind' must be a string defined in 'exec'"),
      wrong('a kind that is null', { kind: null, code }, "'kind' must be a string defined in 'exec'"),
      ...['nodejs', 'native', 'nodejs:99', ':', '', 'cobol:default', 'x'.repeat(40)].map((kind) =>
        wrong('a kind that is not offered', { kind, code }, unknown),
      ),
      wrong('the kind comes before the code', { kind: 'cobol' }, unknown),
      wrong(
        'no code',
        { kind: 'nodejs:20' },
        "'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions",
      ),
      wrong(
        'no code of a default kind',
        { kind: 'nodejs:default' },
        /^The request content was malformed:\n'code' must be a string or attachment object defined in 'exec' for 'nodejs:(default|20)' actions$/,
      ),
      wrong('code that is a number', { kind: 'nodejs:20', code: 42 }, 'Could not deserialize as attachment record: 42'),
      wrong(
        'code that is a list',
        { kind: 'nodejs:20', code: [1, 'a'] },
        'Could not deserialize as attachment record: [1,"a"]',
      ),
      wrong(
        'code that is a boolean',
        { kind: 'nodejs:20', code: true },
        'Could not deserialize as attachment record: true',
      ),
      wrong(
        'code comes before main',
        { kind: 'nodejs:20', main: 5 },
        "'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions",
      ),
      ...[null, 5, {}].map((main) =>
        wrong(
          'main that is no string',
          { kind: 'nodejs:20', code, main },
          "if defined, 'main' be a string in 'exec' for 'nodejs:20' actions",
        ),
      ),
      wrong('exec that is a text', 'x', 'JSON object expected'),
      wrong('exec that is a list', [], 'JSON object expected'),
      wrong(
        'no image',
        { kind: 'blackbox', code },
        "'image' must be a string defined in 'exec' for 'blackbox' actions",
      ),
      wrong(
        'an image that is a number',
        { kind: 'blackbox', image: 1 },
        "'image' must be a string defined in 'exec' for 'blackbox' actions",
      ),
      wrong('an image that is none', { kind: 'blackbox', image: 'no image!' }, 'could not parse image name'),
      wrong('no components', { kind: 'sequence' }, "'components' must be defined for sequence kind"),
      wrong('components that are no list', { kind: 'sequence', components: {} }, "'components' must be an array"),
      wrong('a component without namespace', { kind: 'sequence', components: ['a'] }, unqualified),
      wrong(
        'a component without namespace behind a good one',
        { kind: 'sequence', components: ['/_/a', 'b'] },
        unqualified,
      ),
      { rule: 'none on create', ask: 'PUT actions/ac-none', send: {}, status: 400, error: 'exec undefined' },
      { rule: 'null is none', ask: 'PUT actions/ac-none', send: { exec: null }, status: 400, error: 'exec undefined' },
      {
        rule: 'none is told after limits',
        ask: 'PUT actions/ac-none',
        send: { limits: { timeout: 1 } },
        status: 400,
        error: required('duration 1 milliseconds below allowed threshold of 100 milliseconds'),
      },
    ],
  },
  {
    section: '1.6',
    title: 'bodies of PUT (A4, R6)',
    rows: [
      put('no body', undefined, { status: 400, error: /^The request content was malformed:\n/ }),
      ...['{', '', 'nonsense', '{"exec":}', '{}x'].map((text) =>
        put('no JSON', text, { status: 400, error: /^The request content was malformed:\n/ }),
      ),
      ...['[]', '"x"', '5', 'null', 'true'].map((text) =>
        put('no object', text, { status: 400, error: /^The request content was malformed:\n/ }),
      ),
      ...['text/plain', 'application/x-www-form-urlencoded', 'application/xml'].map((type) =>
        put('another type', echo, {
          with: { 'content-type': type },
          status: 415,
          error: `The request's Content-Type [${type}] is not supported. Expected:\napplication/json`,
        }),
      ),
      put('no type', echo, {
        with: { 'content-type': '' },
        status: 415,
        error: "The request's Content-Type [application/octet-stream] is not supported. Expected:\napplication/json",
      }),
      put('a charset is fine', echo, { with: { 'content-type': 'application/json; charset=utf-8' } }),
      put(
        'other members are ignored',
        { ...echo, namespace: 'second', name: 'other', updated: 5, status: '', env: 1, actions: [], feeds: [] },
        { part: { name: 'ac-x', namespace: 'guest' } },
      ),
      ...[
        { publish: 'x' },
        { version: 1 },
        { delAnnotations: 'x' },
        { delAnnotations: [1] },
        { limits: [] },
        { limits: 'x' },
      ].map((more) =>
        put(
          'members of a wrong type',
          { ...echo, ...more },
          { status: 400, error: /^The request content was malformed:\n/ },
        ),
      ),
      put('the body is looked at before the query', '{', {
        ask: 'PUT actions/ac-x?overwrite=maybe',
        status: 400,
        error: /^The request content was malformed:\n/,
      }),
      put(
        'exec is looked at before the query',
        { exec: { kind: 'cobol' } },
        { ask: 'PUT actions/ac-x?overwrite=maybe', status: 400, error: unknown },
      ),
      put(
        'sizes are looked at before the query',
        nodejs(code, { parameters: annotated({ p: 'x'.repeat(1_048_577) }) }),
        {
          ask: 'PUT actions/ac-x?overwrite=maybe',
          status: 413,
          error: 'parameters larger than allowed: 1048580 > 1048576 bytes.',
        },
      ),
      put(
        'the query is looked at before limits',
        { ...echo, limits: { timeout: 'x' } },
        {
          ask: 'PUT actions/ac-x?overwrite=maybe',
          status: 400,
          error: badQuery('overwrite', "'maybe' is not a valid Boolean value"),
        },
      ),
      put('the query', echo, {
        ask: 'PUT actions/ac-x?overwrite=maybe',
        status: 400,
        error: badQuery('overwrite', "'maybe' is not a valid Boolean value"),
      }),
      put(
        'exec is looked at before parameters',
        { exec: { kind: 'nodejs:20' }, parameters: 5 },
        {
          status: 400,
          error: malformed("'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions"),
        },
      ),
      put('parameters are looked at before limits', nodejs(code, { parameters: 5, limits: { timeout: 'x' } }), {
        status: 400,
        error: malformed('parameters malformed!'),
      }),
      put('limits are looked at before the version', nodejs(code, { limits: { timeout: 'x' }, version: 'x' }), {
        status: 400,
        error: malformed('time limit malformed'),
      }),
      put('the version is looked at before bounds of limits', nodejs(code, { limits: { timeout: 1 }, version: 'x' }), {
        status: 400,
        error: malformed('semantic version malformed'),
      }),
      {
        rule: 'bounds of limits are looked at before what is there',
        ask: 'PUT actions/ac-x',
        send: nodejs(code, { limits: { timeout: 1 } }),
        status: 400,
        error: required('duration 1 milliseconds below allowed threshold of 100 milliseconds'),
      },
      {
        rule: 'a package that is missing comes before the body',
        ask: 'PUT actions/ac-nopkg/x',
        send: '{',
        status: 404,
        error: notThere,
      },
    ],
  },
];
