// Web actions: what they get.
import { annotated, nodejs, notAllowed, type Row, type Table } from './row';

const web = annotated({ 'web-export': true });
const exported = (code: string, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): unknown =>
  nodejs(code, { annotations: [...web, ...annotated(more)], ...rest });
const base = '/api/v1/web/guest/default';
const got = (rule: string, ask: string, part: Record<string, unknown>, more: Partial<Row> = {}): Row => ({
  rule,
  ask,
  as: 'nobody',
  status: 200,
  ran: true,
  cors: 'web',
  part,
  ...more,
});
export const webArgumentTables: Table[] = [
  {
    section: '4.2',
    title: 'arguments (R22, A31)',
    given: [
      {
        ask: 'PUT actions/w-raw',
        send: exported(
          'function main(a) { return a }',
          { 'raw-http': true },
          { parameters: annotated({ d: 'default' }) },
        ),
      },
      {
        ask: 'PUT actions/w-final',
        send: exported(
          'function main(a) { return a }',
          { final: true },
          { parameters: annotated({ d: 'default', n: null }) },
        ),
      },
    ],
    rows: [
      got('the query: the last of a key, without = it is empty', `GET ${base}/w-echo.json?a=1&b=x&b=y&c&d=mine`, {
        a: '1',
        b: 'y',
        c: '',
        d: 'mine',
      }),
      got(
        'a JSON object is merged over the query',
        `POST ${base}/w-echo.json?a=1&b=2`,
        { a: [1], b: '2' },
        { send: { a: [1] } },
      ),
      got(
        'a form is merged, as texts',
        `POST ${base}/w-echo.json?a=1&b=2`,
        { a: 'x y', b: '2', c: '' },
        { send: 'a=x+y&c=', with: { 'content-type': 'application/x-www-form-urlencoded' } },
      ),
      ...(['[1,2]', '"x"', '5', 'true'] as const).map((send) =>
        got(
          'other JSON is __ow_body',
          `POST ${base}/w-echo.json`,
          { __ow_body: JSON.parse(send) as unknown },
          { send },
        ),
      ),
      got(
        'text is __ow_body',
        `POST ${base}/w-echo.json`,
        { __ow_body: 'plain ü' },
        { send: 'plain ü', with: { 'content-type': 'text/plain' } },
      ),
      got(
        'relatives of JSON are read like it',
        `POST ${base}/w-echo.json`,
        { a: 1 },
        { send: '{"a":1}', with: { 'content-type': 'application/vnd.api+json' } },
      ),
      ...['application/octet-stream', 'image/png', 'multipart/form-data; boundary=X'].map((type) =>
        got(
          'bytes are __ow_body in base64',
          `POST ${base}/w-echo.json`,
          { __ow_body: Buffer.from('bytes').toString('base64') },
          { send: 'bytes', with: { 'content-type': type } },
        ),
      ),
      got(
        'a body without type, too',
        `POST ${base}/w-echo.json`,
        {
          __ow_body: Buffer.from('{"a":1}').toString('base64'),
          __ow_headers: expect.objectContaining({ 'content-type': 'application/octet-stream' }) as unknown,
        },
        { send: '{"a":1}', with: { 'content-type': '' } },
      ),
      {
        ...got('a GET has no __ow_body, __ow_query and __ow_user', `GET ${base}/w-echo.json`, {}),
        body: expect.not.objectContaining({
          __ow_body: expect.anything(),
          __ow_query: expect.anything(),
          __ow_user: expect.anything(),
        }),
      },
      got(
        'headers are lower-case',
        `GET ${base}/w-echo.json`,
        { __ow_headers: expect.objectContaining({ 'x-mixed': 'Case', authorization: 'Bearer x' }) as unknown },
        { with: { 'X-Mixed': 'Case', authorization: 'Bearer x' } },
      ),
      got('who is authenticated is __ow_user', `GET ${base}/w-echo.json`, { __ow_user: 'second' }, { as: 'second' }),
      {
        ...got(
          'wrong credentials are ignored',
          `GET ${base}/w-echo.json`,
          {},
          { with: { authorization: 'Basic bm9uc2Vuc2U6eA==' } },
        ),
        body: expect.not.objectContaining({ __ow_user: expect.anything() }),
      },
      ...['__ow_body=x', '__ow_user=x', '__ow_method=x', '__ow_path=', '__ow_headers=x', '__ow_query=x'].map(
        (query): Row => ({
          rule: 'reserved names',
          ask: `GET ${base}/w-echo.json?${query}`,
          as: 'nobody',
          status: 400,
          error: notAllowed,
          cors: 'web',
        }),
      ),
      {
        rule: 'reserved names in the body',
        ask: `POST ${base}/w-echo.json`,
        as: 'nobody',
        send: { __ow_path: '/x' },
        status: 400,
        error: notAllowed,
        cors: 'web',
      },
      {
        rule: 'final ones',
        ask: `GET ${base}/w-final.json?d=x`,
        as: 'nobody',
        status: 400,
        error: notAllowed,
        cors: 'web',
      },
      {
        rule: 'final ones in the body',
        ask: `POST ${base}/w-final.json`,
        as: 'nobody',
        send: { d: 1 },
        status: 400,
        error: notAllowed,
        cors: 'web',
      },
      got('… unless they are null', `GET ${base}/w-final.json?n=x`, { d: 'default', n: 'x' }),
      got('raw: nothing is taken apart', `GET ${base}/w-raw.json?a=1&a=2`, {
        __ow_query: 'a=1&a=2',
        __ow_body: '',
        d: 'default',
      }),
      got('raw: reserved names are not looked for', `GET ${base}/w-raw.json?__ow_body=x`, {
        __ow_query: '__ow_body=x',
      }),
      got(
        'raw: JSON in base64',
        `POST ${base}/w-raw.json`,
        { __ow_body: Buffer.from('{"a":1}').toString('base64'), __ow_query: '' },
        { send: '{"a":1}' },
      ),
      got(
        'raw: even if it is none',
        `POST ${base}/w-raw.json`,
        { __ow_body: Buffer.from('{"a').toString('base64') },
        { send: '{"a' },
      ),
      got(
        'raw: a form as text',
        `POST ${base}/w-raw.json`,
        { __ow_body: 'a=1' },
        { send: 'a=1', with: { 'content-type': 'application/x-www-form-urlencoded' } },
      ),
      got(
        'raw: text as it is',
        `POST ${base}/w-raw.json`,
        { __ow_body: 'x' },
        { send: 'x', with: { 'content-type': 'text/plain' } },
      ),
      {
        rule: 'bad JSON',
        ask: `POST ${base}/w-echo.json`,
        as: 'nobody',
        send: '{"a',
        status: 400,
        error: /^The request content was malformed:\n/,
        cors: 'none',
      },
      {
        rule: 'more than 1 MiB',
        ask: `POST ${base}/w-echo.json`,
        as: 'nobody',
        send: `{"a":"${'x'.repeat(1_048_570)}"}`,
        status: 413,
        error: 'Request larger than allowed: 1048578 > 1048576 bytes.',
        cors: 'none',
      },
    ],
  },
];
