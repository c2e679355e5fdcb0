// What clients send that the contract's shapes do not name, and what they expect of every answer.
import { annotated, echo, malformed, notThere, type Row, type Table } from './row';

const junk = {
  name: 'other',
  namespace: 'other',
  status: '',
  updated: 1,
  env: [],
  actions: [],
  feeds: [],
  activationId: 'x',
  extra: { a: 1 },
};

export const clientTables: Table[] = [
  {
    section: '9.3',
    title: 'members that are not asked for are ignored',
    rows: [
      {
        rule: 'actions',
        ask: 'PUT actions/cl-a',
        send: { ...echo, ...junk },
        status: 200,
        part: { name: 'cl-a', namespace: 'guest' },
      },
      {
        rule: 'packages',
        ask: 'PUT packages/cl-p',
        send: junk,
        status: 200,
        part: { name: 'cl-p', namespace: 'guest' },
      },
      {
        rule: 'triggers',
        ask: 'PUT triggers/cl-t',
        send: { ...junk, rules: { x: 1 } },
        status: 200,
        part: { name: 'cl-t', namespace: 'guest' },
      },
      {
        rule: 'rules',
        ask: 'PUT rules/cl-r',
        send: { ...junk, trigger: '/guest/cl-t', action: '/guest/cl-a' },
        status: 200,
        part: { name: 'cl-r', status: 'active' },
      },
      {
        rule: 'the state of a rule',
        ask: 'POST rules/cl-r',
        send: { ...junk, status: 'inactive', trigger: null, action: null },
        status: 200,
        text: 'OK',
      },
      {
        rule: 'limits in part',
        ask: 'PUT actions/cl-a?overwrite=true',
        send: {
          limits: { memory: 128 },
          annotations: annotated({ 'web-export': true, 'raw-http': false, final: true }),
        },
        status: 200,
        part: { limits: { memory: 128, timeout: 60_000, logs: 10, concurrency: 1 } },
      },
      {
        rule: 'what a GET answered may be written again',
        ask: 'PUT actions/cl-a?overwrite=true',
        send: {
          namespace: 'guest',
          name: 'cl-a',
          version: '0.0.9',
          publish: false,
          exec: { kind: 'nodejs:20', code: 'function main() {}', binary: false },
          parameters: [],
          limits: { timeout: 60_000, memory: 128, logs: 10, concurrency: 1 },
          annotations: annotated({ exec: 'nodejs:20' }),
          updated: 5,
        },
        status: 200,
        part: { version: '0.0.9' },
      },
      ...['actions', 'packages', 'triggers', 'rules'].map((collection): Row => ({
        rule: 'lists as wsk asks for them',
        ask: `GET ${collection}?limit=0&skip=0`,
        status: 200,
        body: expect.arrayContaining([expect.objectContaining({ updated: expect.any(Number) })]),
      })),
      {
        rule: 'invoke as wsk does',
        ask: 'POST actions/cl-a?blocking=true&result=false',
        send: {},
        status: 200,
        ran: true,
        part: { response: { success: true } },
      },
      {
        rule: 'poll as wsk does',
        ask: 'GET activations?limit=0&skip=0&since=1&docs=true',
        status: 200,
        body: expect.any(Array),
      },
      {
        rule: 'a namespace header is ignored',
        ask: 'GET actions/cl-a',
        with: { 'x-namespace-id': 'guest', 'user-agent': 'openwhisk-client-js' },
        status: 200,
      },
      {
        rule: 'a missing action is 404, which makes wsk create it',
        ask: 'GET actions/cl-new?code=false',
        status: 404,
        error: notThere,
      },
      {
        rule: 'a malformed one says so',
        ask: 'PUT actions/cl-a?overwrite=true',
        send: { exec: 'x' },
        status: 400,
        error: malformed('JSON object expected'),
      },
      {
        rule: 'there is no API gateway',
        ask: 'GET /api/v1/web/whisk.system/apimgmt/getApi',
        as: 'guest',
        status: 404,
        error: notThere,
        cors: 'none',
      },
    ],
  },
];
