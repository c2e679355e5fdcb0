// What is answered to everybody: info documents, liveness, unknown paths, transaction ids.
import { badCredentials, noCredentials, noRoute, notThere, type Table } from './row';

const notAllowed = (methods: string): string => `HTTP method not allowed, supported methods: ${methods}`;
const unknownKey = {
  authorization: `Basic ${Buffer.from(`99bc46b1-71f6-4ed5-8c54-816aa4f8c502:${'x'.repeat(64)}`).toString('base64')}`,
};

export const infoTables: Table[] = [
  {
    section: '1.5',
    title: 'info documents',
    rows: [
      {
        rule: 'limits and runtimes for everybody, without CORS',
        ask: 'GET /',
        as: 'nobody',
        status: 200,
        cors: 'none',
        part: { description: 'OpenWhisk', api_paths: ['/api/v1'] },
      },
      { rule: 'credentials change nothing', ask: 'GET /', with: unknownKey, status: 200, cors: 'none' },
      {
        rule: 'durations are ms, memory and logs bytes',
        ask: 'GET /',
        as: 'nobody',
        status: 200,
        cors: 'none',
        part: {
          limits: {
            sequence_length: 50,
            default_min_action_duration: 100,
            max_action_duration: 300_000,
            min_action_memory: 134_217_728,
            max_action_memory: 536_870_912,
            min_action_logs: 0,
            max_action_logs: 10_485_760,
          },
        },
      },
      {
        rule: 'a runtime is told as wsk reads it',
        ask: 'GET /',
        as: 'nobody',
        status: 200,
        cors: 'none',
        part: {
          runtimes: {
            nodejs: [{ kind: 'nodejs:20', default: true, deprecated: false, attached: true, requireMain: false }],
          },
        },
      },
      {
        rule: 'the API tells its build',
        ask: 'GET /api/v1',
        as: 'nobody',
        status: 200,
        part: {
          description: 'OpenWhisk API',
          api_version: '1.0.0',
          api_version_path: 'v1',
          swagger_paths: { ui: '/docs', 'api-docs': '/api-docs' },
        },
      },
      {
        rule: 'a slash may follow, and credentials are ignored, bad ones too (A2)',
        ask: 'GET /api/v1/',
        with: unknownKey,
        status: 200,
      },
      { rule: 'Swagger data', ask: 'GET /api/v1/api-docs', as: 'nobody', status: 200, part: { swagger: '2.0' } },
      {
        rule: 'the UI is elsewhere (A2)',
        ask: 'GET /api/v1/docs',
        as: 'nobody',
        status: 308,

        headers: { location: 'docs/index.html?url=/api/v1/api-docs' },
      },
    ],
  },
  {
    section: '1.3',
    title: 'operations',
    rows: [
      { rule: 'liveness is text', ask: 'GET /ping', as: 'nobody', status: 200, cors: 'none', text: 'pong' },
      {
        rule: 'invokers and their state, of which nobody here knows',
        ask: 'GET /invokers',
        as: 'nobody',
        status: 200,
        cors: 'invokers',
        body: {},
      },
      {
        rule: 'how many are healthy',
        ask: 'GET /invokers/healthy/count',
        as: 'nobody',
        status: 200,
        text: '0',
        cors: 'invokers',
      },
    ],
  },
  {
    section: '1.1',
    title: 'methods and unknown paths (R1, R2, A1)',
    rows: [
      ...['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'].flatMap((method) =>
        ['/', '/ping'].map((path) => ({
          rule: 'the root answers GET and OPTIONS only',
          ask: `${method} ${path}`,
          as: 'nobody' as const,
          status: 405,
          headers: { allow: 'GET, OPTIONS' },
          ...(method !== 'HEAD' && { error: notAllowed('GET, OPTIONS') }),
        })),
      ),
      ...['/api', '/api/v2/namespaces', '/nonexistent', '/api//v1', '/API/v1/namespaces', '/v1'].flatMap((path) => [
        {
          rule: 'outside of /api/v1 nothing is known',
          ask: `GET ${path}`,
          as: 'nobody' as const,
          status: 405,
          headers: { allow: 'OPTIONS' },
          error: notAllowed('OPTIONS'),
        },
        {
          rule: '… not even to who has credentials',
          ask: `POST ${path}`,
          send: {},
          status: 405,
          headers: { allow: 'OPTIONS' },
          error: notAllowed('OPTIONS'),
        },
      ]),
      {
        rule: 'below /api/v1 the unknown is asked for credentials',
        ask: 'GET /api/v1/nothing/here',
        as: 'nobody',
        status: 401,
        error: noCredentials,
      },
      {
        rule: '… which have to be right',
        ask: 'GET /api/v1/nothing/here',
        with: unknownKey,
        status: 401,
        error: badCredentials,
      },
      { rule: '… and then is not found', ask: 'GET /api/v1/nothing/here', status: 404, error: noRoute },
      { rule: 'other methods of the info are no route', ask: 'POST /api/v1', send: {}, status: 404, error: noRoute },
      {
        rule: '… which needs credentials to be told',
        ask: 'DELETE /api/v1',
        as: 'nobody',
        status: 401,
        error: noCredentials,
      },
      ...[
        'namespaces',
        'namespaces/_/actions',
        'namespaces/_/packages',
        'namespaces/_/triggers',
        'namespaces/_/rules',
        'namespaces/_/activations',
        'namespaces/_/limits',
      ].flatMap((path) => [
        { rule: 'HEAD is no GET', ask: `HEAD /api/v1/${path}`, status: 404, cors: 'none' as const, text: '' },
        {
          rule: '… and asks for credentials first',
          ask: `HEAD /api/v1/${path}`,
          as: 'nobody' as const,
          status: 401,
          text: '',
        },
        {
          rule: 'OPTIONS is answered on anything',
          ask: `OPTIONS /api/v1/${path}`,
          as: 'nobody' as const,
          status: 200,
          text: 'OK',
          cors: 'api' as const,
        },
      ]),
      ...[
        'namespaces/_/nothing',
        'namespaces/_/actions/a/b/c',
        'namespaces/guest',
        'namespaces/_',
        'namespaces/_/limits/x/y',
        'namespaces/_/triggers/a/b',
        'namespaces/_/rules/a/b',
        'namespaces/_/packages/a/b',
      ].map((path) => ({
        rule: 'no such route below a namespace',
        ask: `GET /api/v1/${path}`,
        status: 404,
        error: noRoute,
      })),
      ...['actions', 'packages', 'triggers', 'rules', 'activations', 'limits'].flatMap((collection) =>
        ['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => ({
          rule: 'a collection can only be read',
          ask: `${method} ${collection}`,
          send: {},
          status: 404,
          error: noRoute,
        })),
      ),
      ...['actions/a', 'packages/a', 'triggers/a', 'rules/a'].map((path) => ({
        rule: 'PATCH is not known',
        ask: `PATCH ${path}`,
        send: {},
        status: 404,
        error: noRoute,
      })),
      { rule: 'a package cannot be invoked', ask: 'POST packages/a', send: {}, status: 404, error: noRoute },
      { rule: '… nor refreshed', ask: 'POST packages/refresh', status: 404, error: noRoute },
      ...['POST', 'PUT', 'DELETE'].map((method) => ({
        rule: 'activations can only be read',
        ask: `${method} activations/${'0'.repeat(32)}`,
        send: {},
        status: 404,
        error: noRoute,
      })),
      {
        rule: 'an activation has no other parts',
        ask: `GET activations/${'0'.repeat(32)}/other`,
        status: 404,
        error: noRoute,
      },
    ],
  },
  {
    section: '1.1',
    title: 'transaction ids',
    rows: [
      {
        rule: 'one is made up',
        ask: 'GET /api/v1/namespaces',
        status: 200,
        headers: { 'x-request-id': expect.stringMatching(/^[A-Za-z0-9]{32}$/) },
      },
      ...['my-own', 'x', 'a b,c', 'z'.repeat(300)].map((id) => ({
        rule: 'the caller’s is taken over',
        ask: 'GET actions/tx-missing',
        with: { 'x-request-id': id },
        status: 404,
        error: notThere,
        headers: { 'x-request-id': id },
      })),
      {
        rule: 'one of the system is not',
        ask: 'GET actions/tx-missing',
        with: { 'x-request-id': 'sid_controller' },
        status: 404,
        error: notThere,
        headers: { 'x-request-id': expect.stringMatching(/^[A-Za-z0-9]{32}$/) },
      },
    ],
  },
];
