// Activations: records, lists with their filters, logs and results.
import { annotated, badQuery, nodejs, notThere, type Row, type Table } from './row';

const noFilter = (name: string): string =>
  badQuery('name', `Parameter may be a 'simple' name or 'package-name/simple' name: ${name}`);
const zeros = '0'.repeat(32);
const names = (...list: string[]): unknown => list.map((name) => expect.objectContaining({ name }));
const limits = { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 };
const time = expect.any(Number) as unknown;

export const activationTables: Table[] = [
  {
    section: '3.1',
    title: 'records',
    given: [
      { ask: 'PUT packages/acp', send: {} },
      { ask: 'PUT packages/acb', send: { binding: { namespace: '_', name: 'acp' } } },
      {
        ask: 'PUT actions/acp/logs',
        send: nodejs('function main({ i }) { console.log("one\\ntwo"); console.error("bad"); return { i } }'),
      },
      {
        ask: 'PUT actions/quiet',
        send: nodejs('function main({ i }) { console.log("never seen"); return { i } }', { limits: { logs: 0 } }),
      },
    ],
    rows: [
      {
        rule: 'invoked in a package',
        ask: 'POST actions/acp/logs?blocking=true',
        send: { i: 1 },
        status: 200,
        ran: true,
        part: {
          name: 'logs',
          namespace: 'guest',
          logs: [],
          response: { status: 'success', success: true, result: { i: 1 }, size: 7 },
        },
        keep: { first: 'activationId', firstStart: 'start' },
      },
      {
        rule: 'stored whole, soon after',
        ask: 'GET activations/{{first}}',
        soon: true,
        status: 200,
        part: {
          activationId: expect.any(String),
          name: 'logs',
          namespace: 'guest',
          subject: 'guest',
          version: '0.0.1',
          publish: false,
          start: time,
          end: time,
          duration: time,
          annotations: expect.arrayContaining(
            annotated({ path: 'guest/acp/logs', kind: 'nodejs:20', timeout: false, limits }),
          ),
        },
      },
      {
        rule: 'a cold start has its initTime (3.2)',
        ask: 'GET activations/{{first}}',
        status: 200,
        part: {
          annotations: expect.arrayContaining([
            { key: 'initTime', value: time },
            { key: 'waitTime', value: time },
          ]),
        },
      },
      {
        rule: 'logs by themselves, one entry a line, padded to 30 (R15)',
        ask: 'GET activations/{{first}}/logs',
        soon: true,
        status: 200,
        body: {
          logs: expect.arrayContaining(
            ['stdout: one', 'stdout: two', 'stderr: bad'].map((line) =>
              expect.stringMatching(
                new RegExp(`^(?=.{30} std)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z *${line}$`),
              ),
            ),
          ),
        },
      },
      {
        rule: 'the result by itself',
        ask: 'GET activations/{{first}}/result',
        status: 200,
        body: { status: 'success', success: true, result: { i: 1 }, size: 7 },
      },
      { rule: 'a slash may follow', ask: 'GET activations/{{first}}/', status: 200, part: { name: 'logs' } },
      {
        rule: 'through a binding',
        ask: 'POST actions/acb/logs?blocking=true',
        send: { i: 2 },
        status: 200,
        ran: true,
        part: { annotations: expect.arrayContaining(annotated({ path: 'guest/acp/logs', binding: 'guest/acb' })) },
        keep: { second: 'activationId', secondStart: 'start' },
      },
      {
        rule: 'no logs for a limit of 0 (3.6)',
        ask: 'POST actions/quiet?blocking=true',
        send: { i: 3 },
        status: 200,
        ran: true,
        part: { logs: [] },
        keep: { third: 'activationId', thirdStart: 'start' },
      },
      { rule: '… nor later', ask: 'GET activations/{{third}}/logs', soon: true, status: 200, body: { logs: [] } },
      { rule: 'the second is there', ask: 'GET activations/{{second}}', soon: true, status: 200, part: {} },
      {
        rule: 'it belongs to its namespace',
        ask: 'GET activations/{{first}}',
        as: 'second',
        status: 404,
        error: notThere,
      },
      {
        rule: '… and is out of reach of others',
        ask: 'GET /api/v1/namespaces/guest/activations/{{first}}',
        as: 'second',
        status: 403,
        error: /^The supplied authentication is not authorized to access 'guest/,
      },
      ...['', '/logs', '/result'].map((part) => ({
        rule: 'of none',
        ask: `GET activations/${zeros}${part}`,
        status: 404,
        error: notThere,
      })),
      ...['abc', '0', zeros.slice(1), `${zeros}0`].map((id) => ({
        rule: 'an id has 32 characters',
        ask: `GET activations/${id}`,
        status: 400,
        error: `Activation id length is ${id.length} but must be 32.`,
      })),
      ...['z'.repeat(32), 'A'.repeat(32), `${zeros.slice(1)}g`, `${zeros.slice(1)}-`].map((id) => ({
        rule: '… of lower-case hex',
        ask: `GET activations/${id}`,
        status: 400,
        error: 'The activation id is not valid.',
      })),
      ...['/logs', '/result'].map((part) => ({
        rule: '… there, too',
        ask: `GET activations/abc${part}`,
        status: 400,
        error: 'Activation id length is 3 but must be 32.',
      })),
    ],
  },
  {
    section: '1.10',
    title: 'lists of activations and their filters (1.4, A6, A7)',
    rows: [
      {
        rule: 'newest first, as summaries',
        ask: 'GET activations?name=logs',
        status: 200,
        body: [
          expect.objectContaining({ name: 'logs', statusCode: 0, activationId: expect.any(String) }),
          expect.objectContaining({ name: 'logs' }),
        ],
      },
      {
        rule: 'a summary has no result, logs nor subject',
        ask: 'GET activations?name=quiet',
        status: 200,
        body: [
          {
            namespace: 'guest',
            name: 'quiet',
            version: '0.0.1',
            publish: false,
            activationId: expect.any(String),
            start: time,
            end: time,
            duration: time,
            statusCode: 0,
            annotations: expect.any(Array),
          },
        ],
      },
      {
        rule: 'docs: the records',
        ask: 'GET activations?name=quiet&docs=true',
        status: 200,
        body: [
          expect.objectContaining({
            name: 'quiet',
            subject: 'guest',
            logs: [],
            response: { status: 'success', success: true, result: { i: 3 }, size: 7 },
          }),
        ],
      },
      { rule: 'limit', ask: 'GET activations?name=logs&limit=1', status: 200, body: names('logs') },
      { rule: 'skip', ask: 'GET activations?name=logs&skip=1', status: 200, body: names('logs') },
      { rule: 'skip beyond the end', ask: 'GET activations?name=logs&skip=9', status: 200, body: [] },
      {
        rule: 'limit=0 is as many as there may be',
        ask: 'GET activations?name=logs&limit=0',
        status: 200,
        body: names('logs', 'logs'),
      },
      { rule: 'count', ask: 'GET activations?name=logs&count=true', status: 200, body: { activations: 2 } },
      {
        rule: 'count ignores limit',
        ask: 'GET activations?name=logs&count=true&limit=1',
        status: 200,
        body: { activations: 2 },
      },
      {
        rule: 'count honours skip',
        ask: 'GET activations?name=logs&count=true&skip=1',
        status: 200,
        body: { activations: 1 },
      },
      {
        rule: 'a package by its name, which is the binding’s where that was invoked',
        ask: 'GET activations?name=acp/logs',
        status: 200,
        body: names('logs'),
      },
      { rule: 'a binding by its name', ask: 'GET activations?name=acb/logs', status: 200, body: names('logs') },
      { rule: 'another package', ask: 'GET activations?name=none/logs', status: 200, body: [] },
      {
        rule: 'a name with a slash before is a package and an action',
        ask: 'GET activations?name=/guest/logs',
        status: 200,
        body: [],
      },
      {
        rule: 'since is inclusive',
        ask: 'GET activations?name=logs&since={{secondStart}}',
        status: 200,
        body: names('logs'),
      },
      {
        rule: 'upto is inclusive',
        ask: 'GET activations?name=quiet&upto={{thirdStart}}',
        status: 200,
        body: names('quiet'),
      },
      {
        rule: 'both',
        ask: 'GET activations?name=logs&since={{firstStart}}&upto={{secondStart}}',
        status: 200,
        body: names('logs', 'logs'),
      },
      {
        rule: 'both, counted',
        ask: 'GET activations?name=logs&since=1&upto=2&count=true',
        status: 200,
        body: { activations: 0 },
      },
      {
        rule: 'since may be negative',
        ask: 'GET activations?name=logs&since=-5&count=true',
        status: 200,
        body: { activations: 2 },
      },
      ...['since', 'upto'].flatMap((name) =>
        ['x', '1.5', '', '1e3'].map((value) => ({
          rule: 'a time is a whole number',
          ask: `GET activations?${name}=${value}`,
          status: 400,
          error: badQuery(name, `Parameter is not a valid value for epoch seconds: ${value}`),
        })),
      ),
      ...['a/b/c', '/guest/p/a', 'a$', 'a/b$', '-a'].map((name) => ({
        rule: 'a name is one or two segments',
        ask: `GET activations?name=${name}`,
        status: 400,
        error: noFilter(name),
      })),
      {
        rule: 'docs and count exclude each other',
        ask: 'GET activations?docs=true&count=true',
        status: 400,
        error: /The parameter 'docs' is not permitted with 'count'\.$/,
        cors: 'api',
      },
      ...['docs', 'count'].map((name) => ({
        rule: 'a boolean is one',
        ask: `GET activations?${name}=x`,
        status: 400,
        error: badQuery(name, "'x' is not a valid Boolean value"),
      })),
      {
        rule: 'unknown ones are ignored',
        ask: 'GET activations?name=quiet&foo=bar&limit=1',
        status: 200,
        body: names('quiet'),
      },
    ],
  },
  {
    section: '1.4',
    title: 'limit, skip and count of every list (R7)',
    rows: ['actions', 'packages', 'triggers', 'rules', 'activations'].flatMap((collection): Row[] => {
      const bad = (name: string, value: string, text: string): Row => ({
        rule: 'out of bounds',
        ask: `GET ${collection}?${name}=${value}`,
        status: 400,
        error: badQuery(name, text),
      });
      return [
        ...['-1', '201', '2147483647'].map((value) =>
          bad('limit', value, `The value '${value}' is not in the range of 0 to 200 for ${collection}.`),
        ),
        ...['x', '', '1.5', '99999999999', '1 '].map((value) =>
          bad('limit', value.replace(' ', '%20'), `The value '${value}' is not an integer for ${collection}.`),
        ),
        bad('skip', '-1', `The value '-1' is not greater than or equal to 0 for ${collection}.`),
        ...['x', '', '2147483648'].map((value) =>
          bad('skip', value, `The value '${value}' is not an integer for ${collection}.`),
        ),
        bad('count', 'x', "'x' is not a valid Boolean value"),
        ...['limit=0', 'limit=200', 'limit=1&skip=0', 'foo=bar', 'public=true', 'count=false&limit=1'].map((query) => ({
          rule: 'in bounds',
          ask: `GET ${collection}?${query}`,
          status: 200,
          body: expect.any(Array),
        })),
        {
          rule: 'count tells by the name of the collection',
          ask: `GET ${collection}?count=true`,
          status: 200,
          body: { [collection]: time },
        },
        {
          rule: 'count honours skip',
          ask: `GET ${collection}?count=true&skip=100000`,
          status: 200,
          body: { [collection]: 0 },
        },
      ];
    }),
  },
];
