// What becomes of results and failures, and which environment an action gets.
import { annotated, nodejs, type Row, type Table } from './row';

const record = (
  name: string,
  response: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Record<string, unknown> => ({
  name,
  namespace: 'guest',
  subject: 'guest',
  activationId: expect.stringMatching(/^[0-9a-f]{32}$/),
  response,
  logs: [],
  ...more,
});
const both = (
  rule: string,
  name: string,
  status: number,
  response: Record<string, unknown>,
  payload: unknown = {},
): Row[] => [
  {
    rule,
    ask: `POST actions/${name}?blocking=true`,
    send: payload,
    status,
    ran: true,
    part: record(name, response),
    keep: { [name.replace(/\W/g, '')]: 'activationId' },
  },
  {
    rule: `${rule}, as result`,
    ask: `POST actions/${name}?blocking=true&result=true`,
    send: payload,
    status,
    ran: true,
    body: response.result,
  },
];
const success = (result: unknown): Record<string, unknown> => ({ status: 'success', success: true, result });
const failure = (status: string, result: unknown): Record<string, unknown> => ({ status, success: false, result });
const developer = (error: unknown): Record<string, unknown> => failure('action developer error', { error });
const application = (error: unknown): Record<string, unknown> => failure('application error', { error });
const action = (name: string, code: string, rest: Record<string, unknown> = {}): { ask: string; send: unknown } => ({
  ask: `PUT actions/${name}`,
  send: nodejs(code, rest),
});
export const outcomeTables: Table[] = [
  {
    section: '3.3',
    title: 'what an activation ends as (R14, R16)',
    given: [
      action('ou-obj', 'function main() { return { a: [1] } }'),
      action('ou-none', 'function main() {}'),
      action('ou-list', 'function main() { return [1, "a", {}] }'),
      action('ou-later', 'async function main() { return { later: true } }'),
      action('ou-err', 'function main() { return { error: { code: 7 }, other: 1 } }'),
      action('ou-err-null', 'function main() { return { error: null } }'),
      action('ou-throw', 'function main() { throw "no " + 1 }'),
      action('ou-reject', 'function main() { return Promise.reject({ why: 1 }) }'),
      action('ou-text', 'function main() { return "text" }'),
      action('ou-num', 'function main() { return 0 }'),
      action('ou-null', 'function main() { return null }'),
      action('ou-exit', 'function main() { process.exit(0) }'),
      action('ou-time', 'function main() { return new Promise(() => setTimeout(() => 0, 60000)) }', {
        limits: { timeout: 150 },
      }),
      action('ou-init', 'throw 5'),
      action('ou-init-exit', 'process.exit(1)'),
      action('ou-init-time', 'const end = Date.now() + 30000; while (Date.now() < end); function main() {}', {
        limits: { timeout: 150 },
      }),
      action('ou-main', 'function other() {}'),
      action('ou-empty', ''),
      action('ou-big', 'function main({ n }) { return { s: "x".repeat(n) } }'),
    ],
    rows: [
      ...both('an object', 'ou-obj', 200, { ...success({ a: [1] }), size: 9 }),
      ...both('nothing is an empty object', 'ou-none', 200, { ...success({}), size: 2 }),
      ...both('a promise is waited for', 'ou-later', 200, success({ later: true })),
      ...['', '&result=true', '&result=false'].map((query) => ({
        rule: 'a list is answered bare, in any way',
        ask: `POST actions/ou-list?blocking=true${query}`,
        send: {},
        status: 200,
        ran: true,
        body: [1, 'a', {}],
      })),
      ...both('error: only it is kept, the size is that of all', 'ou-err', 502, {
        ...application({ code: 7 }),
        size: 30,
      }),
      ...both('error: null is one, too', 'ou-err-null', 502, application(null)),
      ...both('an exception', 'ou-throw', 502, developer('An error has occurred: no 1')),
      ...both('a rejection', 'ou-reject', 502, application({ why: 1 })),
      ...both('a text', 'ou-text', 502, developer('The action did not return a dictionary.')),
      ...both('a number', 'ou-num', 502, developer('The action did not return a dictionary.')),
      ...both('null', 'ou-null', 502, {
        ...developer('The action did not produce a valid JSON or JSON Array response: null'),
        size: 4,
      }),
      ...both(
        'its process ended',
        'ou-exit',
        502,
        developer('The action did not produce a valid response and exited unexpectedly.'),
      ),
      ...both(
        'over its time limit',
        'ou-time',
        502,
        developer('The action exceeded its time limits of 150 milliseconds.'),
      ),
      ...both(
        'over it in init',
        'ou-init-time',
        502,
        developer('The action exceeded its time limits of 150 milliseconds during initialization.'),
      ),
      ...both(
        'its process ended in init',
        'ou-init-exit',
        502,
        developer('The action did not initialize and exited unexpectedly.'),
      ),
      {
        rule: 'init failed',
        ask: 'POST actions/ou-init?blocking=true&result=true',
        send: {},
        status: 502,
        ran: true,
        body: { error: expect.stringMatching(/^Initialization has failed due to: /) },
      },
      ...both(
        'no main',
        'ou-main',
        502,
        developer("Initialization has failed due to: Action entrypoint 'main' is not a function."),
      ),
      ...both('no code', 'ou-empty', 502, developer('Missing main/no code to execute.')),
      {
        rule: 'a result of more than 1 MiB',
        ask: 'POST actions/ou-big?blocking=true&result=true',
        send: { n: 1_048_577 },
        status: 502,
        ran: true,
        text: /^\{"error":"The action produced a response that exceeded the allowed length: 1048585 > 1048576 bytes\. The truncated response was: \{\\"s\\":\\"xxx/,
      },
      {
        rule: 'an exit has no size',
        ask: 'GET activations/{{ouexit}}/result',
        soon: true,
        status: 200,
        body: developer('The action did not produce a valid response and exited unexpectedly.'),
      },
      {
        rule: 'who was over its limit says so (3.2)',
        ask: 'GET activations/{{outime}}',
        soon: true,
        status: 200,
        part: { annotations: expect.arrayContaining(annotated({ timeout: true })) },
      },
      ...['ouexit', 'outime', 'ouempty', 'ouinitexit'].map((kept) => ({
        rule: 'a developer’s error ends with a line about the logs (A21)',
        ask: `GET activations/{{${kept}}}/logs`,
        soon: true,
        status: 200,
        body: {
          logs: expect.arrayContaining([
            expect.stringMatching(
              /Z *  ?stderr: The action did not initialize or run as expected\. Log data might be missing\.$/,
            ),
          ]),
        },
      })),
    ],
  },
  {
    section: '2.2',
    title: 'init parameters and the environment (A22, 6.1, 6.3)',
    given: [
      action(
        'env',
        'function main(a) { return { a, env: process.env.INIT_P ?? null, n: process.env.INIT_N ?? null, o: process.env.INIT_O ?? null } }',
        {
          parameters: [
            { key: 'INIT_P', value: 'text', init: true },
            { key: 'INIT_N', value: null, init: true },
            { key: 'INIT_O', value: { a: [1] }, init: true },
            { key: 'p', value: 1 },
          ],
        },
      ),
      action(
        'env-ow',
        'function main() { const { __OW_NAMESPACE, __OW_ACTION_NAME, __OW_ACTION_VERSION, __OW_API_KEY } = process.env; return { __OW_NAMESPACE, __OW_ACTION_NAME, __OW_ACTION_VERSION, __OW_API_KEY } }',
      ),
      action('env-key', 'function main() { return { key: process.env.__OW_API_KEY } }', {
        annotations: annotated({ 'provide-api-key': 'false' }),
      }),
    ],
    rows: [
      {
        rule: 'init parameters are variables, not arguments',
        ask: 'POST actions/env?blocking=true&result=true',
        send: { x: 2 },
        status: 200,
        ran: true,
        body: { a: { p: 1, x: 2 }, env: 'text', n: '', o: '{"a":[1]}' },
      },
      {
        rule: 'a payload does not make arguments of them',
        ask: 'POST actions/env?blocking=true&result=true',
        send: { INIT_P: 'mine' },
        status: 200,
        ran: true,
        part: { a: { p: 1 } },
      },
      {
        rule: 'what every action may rely on',
        ask: 'POST actions/env-ow?blocking=true&result=true',
        send: {},
        status: 200,
        ran: true,
        body: { __OW_NAMESPACE: 'guest', __OW_ACTION_NAME: '/guest/env-ow', __OW_ACTION_VERSION: '0.0.1' },
      },
      {
        rule: 'the key for who has the annotation, of which any text is true (2.3)',
        ask: 'POST actions/env-key?blocking=true&result=true',
        send: {},
        status: 200,
        ran: true,
        body: { key: expect.stringMatching(/^23bc46b1-.*:123zO3/) },
      },
    ],
  },
];
