// Throttles, of a namespace that may invoke 3 times a minute and fire twice. The suite sees to it that they fall into one minute.
import { echo, forbidden, notThere, type Table } from './row';

const over = (count: number, allowed: number): string =>
  `Too many requests in the last minute (count: ${count}, allowed: ${allowed}).`;
const as = 'limited' as const;

export const throttleTables: Table[] = [
  {
    section: '5.4',
    title: 'throttles (R23, A34)',
    withinMs: 25_000,
    given: [
      { ask: 'PUT actions/th', as, send: { ...echo, annotations: [{ key: 'web-export', value: true }] } },
      { ask: 'PUT triggers/th-t', as, send: {} },
    ],
    rows: [
      {
        rule: 'an invocation counts',
        ask: 'POST actions/th?blocking=true&result=true',
        as,
        send: {},
        status: 200,
        ran: true,
        body: {},
      },
      {
        rule: 'one that is wrong counts',
        ask: 'POST actions/th',
        as,
        send: '[1]',
        status: 400,
        error: 'The request content was malformed:\nJSON object expected',
      },
      {
        rule: 'one of what is missing counts',
        ask: 'POST actions/th-none',
        as,
        send: {},
        status: 404,
        error: notThere,
      },
      {
        rule: 'then it is over',
        ask: 'POST actions/th',
        as,
        send: {},
        status: 429,
        error: over(4, 3),
        headers: { 'retry-after': undefined },
      },
      {
        rule: 'refused ones count',
        ask: 'POST actions/th?blocking=true',
        as,
        send: {},
        status: 429,
        error: over(5, 3),
      },
      { rule: 'whatever is asked for', ask: 'POST actions/th-none', as, send: {}, status: 429, error: over(6, 3) },
      {
        rule: '… or may be',
        ask: 'POST /api/v1/namespaces/second/actions/x',
        as,
        send: {},
        status: 429,
        error: over(7, 3),
      },
      { rule: '… or is wrong', ask: 'POST actions/th', as, send: '{', status: 429, error: over(8, 3) },
      {
        rule: 'but a name has to be one',
        ask: 'POST actions/-x',
        as,
        send: {},
        status: 400,
        error: 'The name of the entity contains illegal characters.',
      },
      {
        rule: 'web actions count for their owner',
        ask: 'GET /api/v1/web/limited/default/th.json',
        as: 'nobody',
        status: 429,
        error: over(9, 3),
        cors: 'web',
      },
      {
        rule: '… but what is missing is missing',
        ask: 'GET /api/v1/web/limited/default/th-none.json',
        as: 'nobody',
        status: 404,
        error: notThere,
        cors: 'none',
      },
      { rule: 'fires have their own count', ask: 'POST triggers/th-t', as, send: {}, status: 204 },
      { rule: 'fires have their own count', ask: 'POST triggers/th-none', as, send: {}, status: 404, error: notThere },
      { rule: '… and are over, too', ask: 'POST triggers/th-t', as, send: {}, status: 429, error: over(3, 2) },
      { rule: '… whatever is fired', ask: 'POST triggers/th-none', as, send: {}, status: 429, error: over(4, 2) },
      ...['GET actions', 'GET actions/th', 'GET triggers/th-t', 'GET activations', 'GET limits'].map((ask) => ({
        rule: 'reading is not throttled',
        ask,
        as,
        status: 200,
      })),
      { rule: 'nor is writing', ask: 'PUT actions/th?overwrite=true', as, send: {}, status: 200 },
      {
        rule: 'nobody else is',
        ask: 'POST /api/v1/namespaces/limited/actions/th',
        send: {},
        status: 403,
        error: forbidden('limited/th'),
      },
    ],
  },
];
