// Web actions: how they are found, who may ask them, and OPTIONS.
import { annotated, nodejs, noCredentials, notThere, type Row, type Table } from './row';

const web = annotated({ 'web-export': true });
const exported = (code: string, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): unknown =>
  nodejs(code, { annotations: [...web, ...annotated(more)], ...rest });
const base = '/api/v1/web/guest/default';
const authFailed = 'Authentication is possible but has failed or not yet been provided.';
const defaultCors = {
  'access-control-allow-headers': 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
};
const processing = 'There was an error processing your request.';

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
export const webRoutingTables: Table[] = [
  {
    section: '4.1',
    title: 'routing (R4, A32, A33)',
    given: [
      {
        ask: 'PUT actions/w-echo',
        send: exported('function main(a) { return a }', {}, { parameters: annotated({ d: 'default' }) }),
      },
      { ask: 'PUT actions/w-no', send: nodejs('function main() {}') },
      {
        ask: 'PUT actions/w-false',
        send: nodejs('function main() {}', { annotations: annotated({ 'web-export': false }) }),
      },
      {
        ask: 'PUT actions/w-string',
        send: nodejs('function main() {}', { annotations: annotated({ 'web-export': 'true' }) }),
      },
      { ask: 'PUT packages/w-p', send: { parameters: annotated({ pkg: 'P', d: 'package' }) } },
      {
        ask: 'PUT packages/w-b',
        send: { binding: { namespace: '_', name: 'w-p' }, parameters: annotated({ bind: 'B' }) },
      },
      { ask: 'PUT actions/w-p/in', send: exported('function main(a) { return a }') },
      { ask: 'PUT actions/w-p/v1.2', send: exported('function main() { return { dotted: true } }') },
      {
        ask: 'PUT actions/w-slow',
        send: exported(
          'function main() { return new Promise(() => setTimeout(() => 0, 60000)) }',
          {},
          { limits: { timeout: 200 } },
        ),
      },
    ],
    rows: [
      ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) =>
        got('seven methods', `${method} ${base}/w-echo.json`, { __ow_method: method.toLowerCase(), d: 'default' }),
      ),
      {
        rule: 'HEAD, too',
        ask: `HEAD ${base}/w-echo.json`,
        as: 'nobody',
        status: 200,
        ran: true,
        cors: 'web',
        text: '',
      },
      ...['w-none', 'w-no', 'w-false', 'w-string', 'w-echo.xyz', 'w-echo.jso'].flatMap((name) =>
        ['', '.json', '.html'].map((extension): Row => ({
          rule: 'what is not exported is not there',
          ask: `GET ${base}/${name}${extension}`,
          as: 'nobody',
          status: 404,
          error: notThere,
          cors: 'none',
        })),
      ),
      { rule: '… not even for its owner', ask: `GET ${base}/w-no.json`, status: 404, error: notThere, cors: 'none' },
      ...[
        '/api/v1/web/no-such/default/w-echo.json',
        '/api/v1/web/guest/no-such/w-echo.json',
        '/api/v1/web/_/default/w-echo.json',
        '/api/v1/web/guest/_/w-echo.json',
      ].map((path) => ({
        rule: 'no such namespace or package',
        ask: `GET ${path}`,
        status: 404,
        error: notThere,
        cors: 'none' as const,
      })),
      ...['/api/v1/web', '/api/v1/web/guest', '/api/v1/web/guest/default'].map((path) => ({
        rule: 'too short',
        ask: `GET ${path}`,
        as: 'nobody' as const,
        status: 401,
        error: noCredentials,
      })),
      {
        rule: 'TRACE',
        ask: `TRACE ${base}/w-echo.json`,
        as: 'nobody',
        status: 405,
        error: 'HTTP method not allowed, supported methods: GET, DELETE, POST, PUT, HEAD, OPTIONS, PATCH',
      },
      got('in a package, with what it inherits', 'GET /api/v1/web/guest/w-p/in.json', { pkg: 'P', d: 'package' }),
      got('through a binding', 'GET /api/v1/web/guest/w-b/in.json', { pkg: 'P', d: 'package', bind: 'B' }),
      got('dots may be part of the name', 'GET /api/v1/web/guest/w-p/v1.2.json', { dotted: true }),
      ...['', '/', '/a', '/a/b%20c/d.json'].map((rest) =>
        got('what follows is the path', `GET ${base}/w-echo.json${rest}`, { __ow_path: rest }),
      ),
      {
        rule: 'over its time limit',
        ask: `GET ${base}/w-slow.json`,
        as: 'nobody',
        status: 400,
        ran: true,
        cors: 'web',
        error: processing,
      },
      {
        rule: 'who takes no JSON',
        ask: `GET ${base}/w-echo.json`,
        as: 'nobody',
        with: { accept: 'text/html' },
        status: 406,
        error: 'Resource representation is only available with these types:\napplication/json',
        cors: 'none',
        ran: expect.anything() as never,
      },
    ].map((row) => ('ran' in row && typeof row.ran !== 'boolean' ? { ...row, ran: false } : row)) as Row[],
  },
  {
    section: '4.4',
    title: 'OPTIONS and CORS (R21, A28)',
    given: [
      {
        ask: 'PUT actions/w-opt',
        send: exported(
          'function main({ __ow_method }) { return { headers: { "access-control-allow-origin": "http://mine.example" }, body: __ow_method } }',
          { 'web-custom-options': true },
        ),
      },
    ],
    rows: [
      {
        rule: 'the action is not invoked',
        ask: `OPTIONS ${base}/w-echo.json`,
        as: 'nobody',
        status: 200,
        cors: 'web',
        text: '',
        headers: defaultCors,
      },
      {
        rule: 'requested headers are allowed',
        ask: `OPTIONS ${base}/w-echo`,
        as: 'nobody',
        with: { 'access-control-request-headers': 'x-a, x-b', origin: 'http://x.example' },
        status: 200,
        cors: 'web',
        headers: { 'access-control-allow-headers': 'x-a, x-b' },
      },
      ...['w-no', 'w-none'].map((name) => ({
        rule: 'not of what is not exported',
        ask: `OPTIONS ${base}/${name}.json`,
        as: 'nobody' as const,
        status: 404,
        error: notThere,
        cors: 'none' as const,
      })),
      {
        rule: 'custom: the action is asked, and its headers alone count',
        ask: `OPTIONS ${base}/w-opt`,
        as: 'nobody',
        status: 200,
        ran: true,
        cors: 'none',
        text: 'options',
        headers: { 'access-control-allow-origin': 'http://mine.example' },
      },
      {
        rule: 'custom: with other methods, too',
        ask: `GET ${base}/w-opt`,
        as: 'nobody',
        status: 200,
        ran: true,
        cors: 'none',
        text: 'get',
        headers: { 'access-control-allow-origin': 'http://mine.example' },
      },
    ],
  },
  {
    section: '4.5',
    title: 'require-whisk-auth',
    given: [
      ...Object.entries({
        true: true,
        false: false,
        text: 'secret',
        number: 42,
        object: { a: 1 },
        list: ['x'],
        nul: null,
        empty: '',
      }).map(([name, value]) => ({
        ask: `PUT actions/w-auth-${name}`,
        send: exported('function main() { return { body: "in" } }', { 'require-whisk-auth': value }),
      })),
      {
        ask: 'PUT actions/w-auth-opt',
        send: exported('function main({ __ow_method }) { return { body: __ow_method } }', {
          'require-whisk-auth': true,
          'web-custom-options': true,
        }),
      },
    ],
    rows: [
      ...['true', 'text', 'number', 'object', 'list'].map((name): Row => ({
        rule: 'without what is required',
        ask: `GET ${base}/w-auth-${name}`,
        as: 'nobody',
        status: 401,
        error: authFailed,
        cors: 'web',
        headers: { 'www-authenticate': undefined },
      })),
      {
        rule: 'false is nothing',
        ask: `GET ${base}/w-auth-false`,
        as: 'nobody',
        status: 200,
        ran: true,
        cors: 'web',
        text: 'in',
      },
      ...(['guest', 'second', 'system'] as const).map((as): Row => ({
        rule: 'true: any credential',
        ask: `GET ${base}/w-auth-true`,
        as,
        status: 200,
        ran: true,
        cors: 'web',
        text: 'in',
      })),
      {
        rule: 'true: a wrong one is none',
        ask: `GET ${base}/w-auth-true`,
        with: { authorization: 'Basic bm9uc2Vuc2U6eA==' },
        status: 401,
        error: authFailed,
        cors: 'web',
      },
      {
        rule: 'a text: that header',
        ask: `GET ${base}/w-auth-text`,
        as: 'nobody',
        with: { 'x-require-whisk-auth': 'secret' },
        status: 200,
        ran: true,
        cors: 'web',
        text: 'in',
      },
      ...['Secret', 'secret ', 'x', 'secretsecret'].map((secret) => ({
        rule: 'a text: no other',
        ask: `GET ${base}/w-auth-text`,
        as: 'nobody' as const,
        with: { 'x-require-whisk-auth': secret },
        status: secret.trim() === 'secret' ? 200 : 401,
        ...(secret.trim() === 'secret' ? { ran: true } : { error: authFailed }),
        cors: 'web' as const,
      })),
      {
        rule: 'a text: a credential does not help',
        ask: `GET ${base}/w-auth-text`,
        status: 401,
        error: authFailed,
        cors: 'web',
      },
      {
        rule: 'a number: as text',
        ask: `GET ${base}/w-auth-number`,
        as: 'nobody',
        with: { 'x-require-whisk-auth': '42' },
        status: 200,
        ran: true,
        cors: 'web',
      },
      {
        rule: 'anything else: never',
        ask: `GET ${base}/w-auth-object`,
        with: { 'x-require-whisk-auth': '{"a":1}' },
        status: 401,
        error: authFailed,
        cors: 'web',
      },
      {
        rule: 'OPTIONS needs nothing',
        ask: `OPTIONS ${base}/w-auth-true`,
        as: 'nobody',
        status: 200,
        cors: 'web',
        text: '',
      },
      {
        rule: 'nor do custom ones',
        ask: `OPTIONS ${base}/w-auth-opt`,
        as: 'nobody',
        status: 200,
        ran: true,
        cors: 'none',
        text: 'options',
      },
    ],
  },
];
