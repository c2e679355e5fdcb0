// Triggers, and what a fire does.
import { annotated, malformed, nodejs, notThere, type Table } from './row';

const time = expect.any(Number) as unknown;
const rule = (trigger: unknown, action: unknown): unknown => ({ trigger, action });
export const triggerTables: Table[] = [
  {
    section: '1.9',
    title: 'triggers',
    rows: [
      {
        rule: 'made with what was given',
        ask: 'PUT triggers/tr',
        send: { parameters: annotated({ p: 1 }), annotations: annotated({ a: 1 }), limits: {} },
        status: 200,
        body: {
          namespace: 'guest',
          name: 'tr',
          version: '0.0.1',
          publish: false,
          parameters: annotated({ p: 1 }),
          annotations: annotated({ a: 1 }),
          limits: {},
          updated: time,
        },
      },
      { rule: 'exists', ask: 'PUT triggers/tr', send: {}, status: 409, error: 'resource already exists' },
      {
        rule: 'an item of the list has common members only',
        ask: 'GET triggers?limit=1',
        status: 200,
        body: [
          {
            namespace: 'guest',
            name: 'tr',
            version: '0.0.1',
            publish: false,
            annotations: annotated({ a: 1 }),
            updated: time,
          },
        ],
      },
      {
        rule: 'a body is needed',
        ask: 'PUT triggers/tr-x',
        status: 400,
        error: /^The request content was malformed:\n/,
      },
      ...['[]', '{', '"x"'].map((send) => ({
        rule: 'a body is an object',
        ask: 'PUT triggers/tr-x',
        send,
        status: 400,
        error: /^The request content was malformed:\n/,
      })),
      ...[{ parameters: { a: 1 } }, { annotations: 5 }].map((send) => ({
        rule: 'lists are lists',
        ask: 'PUT triggers/tr-x',
        send,
        status: 400,
        error: malformed('parameters malformed!'),
      })),
      {
        rule: 'lists have their size',
        ask: 'PUT triggers/tr-x',
        send: { parameters: annotated({ a: 'x'.repeat(1_048_577) }) },
        status: 413,
        error: 'parameters larger than allowed: 1048580 > 1048576 bytes.',
      },
      ...['/guest/p/f', 'guest/f', '/_/f'].map((feed, at) => ({
        rule: 'a feed is a path',
        ask: `PUT triggers/tr-f${at}`,
        send: { annotations: annotated({ feed }) },
        status: 200,
        part: { annotations: annotated({ feed }) },
      })),
      ...['/guest/p$/f', '', 5].map((feed) => ({
        rule: 'a feed that is none',
        ask: 'PUT triggers/tr-x',
        send: { annotations: annotated({ feed }) },
        status: 400,
        error: 'Feed name is not valid',
      })),
      ...['GET', 'DELETE', 'POST'].map((method) => ({
        rule: 'missing',
        ask: `${method} triggers/tr-none`,
        status: 404,
        error: notThere,
      })),
      { rule: 'DELETE answers with the entity', ask: 'DELETE triggers/tr', status: 200, part: { name: 'tr' } },
    ],
  },
  {
    section: '7.1',
    title: 'fires (A19, R13)',
    given: [
      { ask: 'PUT triggers/fi', send: { parameters: annotated({ t: 'trigger', both: 'trigger' }) } },
      {
        ask: 'PUT actions/fi-a',
        send: nodejs('function main(a) { return a }', { parameters: annotated({ act: 'action', both: 'action' }) }),
      },
    ],
    rows: [
      { rule: 'no rule: nothing happens', ask: 'POST triggers/fi', send: { x: 1 }, status: 204, text: '' },
      { rule: '… without body, too', ask: 'POST triggers/fi', status: 204, text: '' },
      { rule: 'a rule', ask: 'PUT rules/fi-r', send: rule('/_/fi', '/_/fi-a'), status: 200 },
      { rule: 'a second one', ask: 'PUT rules/fi-s', send: rule('/_/fi', '/_/fi-a'), status: 200 },
      { rule: '… that is inactive', ask: 'POST rules/fi-s', send: { status: 'inactive' }, status: 200, text: 'OK' },
      ...['[1]', '"x"', 'null', '5'].map((send) => ({
        rule: 'a payload is an object',
        ask: 'POST triggers/fi',
        send,
        status: 400,
        error: malformed('JSON object expected'),
      })),
      {
        rule: 'a payload is JSON',
        ask: 'POST triggers/fi',
        send: '{"a',
        status: 400,
        error: /^The request content was malformed:\n/,
      },
      {
        rule: 'of another type',
        ask: 'POST triggers/fi',
        send: '{}',
        with: { 'content-type': 'text/plain' },
        status: 415,
        error: "The request's Content-Type [text/plain] is not supported. Expected:\napplication/json",
      },
      {
        rule: 'of more than 1 MiB',
        ask: 'POST triggers/fi',
        send: `{"a":"${'x'.repeat(1_048_570)}"}`,
        status: 413,
        error: 'Request larger than allowed: 1048578 > 1048576 bytes.',
      },
      {
        rule: 'a fire is accepted',
        ask: 'POST triggers/fi',
        send: { both: 'payload', x: 1 },
        with: { 'x-mine': 'y' },
        status: 202,
        ran: true,
        body: { activationId: expect.stringMatching(/^[0-9a-f]{32}$/) },
        keep: { fire: 'activationId' },
      },
      {
        rule: 'its record has the payload, no end and no size',
        ask: 'GET activations/{{fire}}',
        soon: true,
        status: 200,
        body: {
          activationId: expect.any(String),
          namespace: 'guest',
          name: 'fi',
          version: '0.0.1',
          publish: false,
          subject: 'guest',
          start: time,
          annotations: [],
          response: { status: 'success', success: true, result: { both: 'payload', x: 1 } },
          logs: expect.any(Array),
        },
      },
      {
        rule: 'a line for each rule',
        ask: 'GET activations/{{fire}}/logs',
        status: 200,
        body: {
          logs: expect.arrayContaining([
            expect.stringMatching(
              /^\{"statusCode":0,"success":true,"activationId":"[0-9a-f]{32}","rule":"guest\/fi-r","action":"guest\/fi-a"\}$/,
            ),
            JSON.stringify({
              statusCode: 1,
              success: false,
              rule: 'guest/fi-s',
              error: "Rule 'guest/fi-s' is inactive, action 'guest/fi-a' was not activated.",
              action: 'guest/fi-a',
            }),
          ]),
        },
      },
      {
        rule: 'the result by itself',
        ask: 'GET activations/{{fire}}/result',
        status: 200,
        body: { status: 'success', success: true, result: { both: 'payload', x: 1 } },
      },
      {
        rule: 'a summary without end and statusCode',
        ask: 'GET activations?name=fi',
        status: 200,
        body: [
          {
            namespace: 'guest',
            name: 'fi',
            version: '0.0.1',
            publish: false,
            activationId: expect.any(String),
            start: time,
            annotations: [],
          },
        ],
      },
      {
        rule: 'the action gets trigger < payload over its own, and headers',
        ask: 'GET activations?name=fi-a&docs=true',
        soon: true,
        status: 200,
        body: [
          expect.objectContaining({
            response: expect.objectContaining({
              result: {
                act: 'action',
                both: 'payload',
                t: 'trigger',
                x: 1,
                __ow_headers: expect.objectContaining({ 'x-mine': 'y', authorization: expect.any(String) }),
              },
            }),
          }),
        ],
      },
      {
        rule: '… but not those of the body',
        ask: 'GET activations?name=fi-a&docs=true',
        status: 200,
        body: [
          expect.objectContaining({
            response: expect.objectContaining({
              result: expect.objectContaining({
                __ow_headers: expect.not.objectContaining({ 'content-type': expect.anything() }),
              }),
            }),
          }),
        ],
      },
      {
        rule: 'all inactive: nothing happens',
        ask: 'POST rules/fi-r',
        send: { status: 'inactive' },
        status: 200,
        text: 'OK',
      },
      { rule: 'all inactive: nothing happens', ask: 'POST triggers/fi', send: {}, status: 204, text: '' },
    ],
  },
];
