// Sequences.
import { annotated, forbidden, nodejs, type Row, type Table } from './row';

const seq = (...components: string[]): unknown => ({ exec: { kind: 'sequence', components } });
const id = expect.stringMatching(/^[0-9a-f]{32}$/) as unknown;
const ids = (count: number): unknown[] => Array.from({ length: count }, () => id);
const put = (name: string, code: string, rest: Record<string, unknown> = {}): { ask: string; send: unknown } => ({
  ask: `PUT actions/${name}`,
  send: nodejs(code, rest),
});
const putSeq = (name: string, ...components: string[]): { ask: string; send: unknown } => ({
  ask: `PUT actions/${name}`,
  send: seq(...components),
});
const run = (rule: string, name: string, send: unknown, status: number, part: Record<string, unknown>): Row => ({
  rule,
  ask: `POST actions/${name}?blocking=true`,
  send,
  status,
  ran: true,
  part,
  keep: { [name.replace(/\W/g, '_')]: 'activationId' },
});
export const sequenceTables: Table[] = [
  {
    section: '1.6',
    title: 'PUT of sequences',
    given: [
      put('sp-a', 'function main() {}'),
      { ask: 'PUT packages/sp', send: {} },
      put('sp/b', 'function main() {}'),
      putSeq('sp-25', ...Array.from({ length: 25 }, () => '/_/sp-a')),
    ],
    rows: [
      {
        rule: 'components are fully qualified, and are the parameters',
        ask: 'PUT actions/sp-s',
        send: {
          exec: { kind: 'sequence', components: ['/_/sp-a', '/guest/sp/b', 'guest/sp-a'] },
          parameters: annotated({ p: 1 }),
        },
        status: 200,
        part: {
          exec: { kind: 'sequence', components: ['/guest/sp-a', '/guest/sp/b', '/guest/sp-a'] },
          parameters: annotated({ _actions: ['/guest/sp-a', '/guest/sp/b', '/guest/sp-a'] }),
          annotations: expect.arrayContaining(annotated({ exec: 'sequence' })),
        },
      },
      {
        rule: 'an update of something else keeps them',
        ask: 'PUT actions/sp-s?overwrite=true',
        send: { annotations: annotated({ a: 1 }), parameters: annotated({ p: 1 }) },
        status: 200,
        part: { version: '0.0.2', parameters: annotated({ _actions: ['/guest/sp-a', '/guest/sp/b', '/guest/sp-a'] }) },
      },
      {
        rule: 'no components',
        ask: 'PUT actions/sp-x',
        send: seq(),
        status: 400,
        error: 'No component specified for the sequence.',
      },
      {
        rule: 'a component that is missing',
        ask: 'PUT actions/sp-x',
        send: seq('/_/sp-a', '/_/sp-none'),
        status: 400,
        error: 'Sequence component does not exist.',
      },
      {
        rule: '… in a package',
        ask: 'PUT actions/sp-x',
        send: seq('/_/sp/none'),
        status: 400,
        error: 'Sequence component does not exist.',
      },
      {
        rule: 'itself',
        ask: 'PUT actions/sp-s?overwrite=true',
        send: seq('/_/sp-s'),
        status: 400,
        error: 'Sequence may not refer to itself.',
      },
      {
        rule: 'itself, and not there yet',
        ask: 'PUT actions/sp-new',
        send: seq('/_/sp-new'),
        status: 400,
        error: 'Sequence may not refer to itself.',
      },
      { rule: 'another one that refers to it', ask: 'PUT actions/sp-t', send: seq('/_/sp-s'), status: 200 },
      {
        rule: '… and back',
        ask: 'PUT actions/sp-s?overwrite=true',
        send: seq('/_/sp-a', '/_/sp-t'),
        status: 400,
        error: 'Sequence may not refer to itself.',
      },
      {
        rule: '50 components',
        ask: 'PUT actions/sp-50',
        send: seq(...Array.from({ length: 50 }, () => '/_/sp-a')),
        status: 200,
      },
      {
        rule: '51',
        ask: 'PUT actions/sp-x',
        send: seq(...Array.from({ length: 51 }, () => '/_/sp-a')),
        status: 400,
        error: 'Too many actions in the sequence.',
      },
      { rule: '50 when flat', ask: 'PUT actions/sp-flat', send: seq('/_/sp-25', '/_/sp-25'), status: 200 },
      {
        rule: '51 when flat',
        ask: 'PUT actions/sp-x',
        send: seq('/_/sp-25', '/_/sp-25', '/_/sp-a'),
        status: 400,
        error: 'Too many actions in the sequence.',
      },
      {
        rule: 'rights come before what is missing',
        ask: 'PUT actions/sp-x',
        send: seq('/_/sp-none', '/second/plain'),
        status: 403,
        error: forbidden('second/plain'),
      },
      {
        rule: 'an action becomes a sequence',
        ask: 'PUT actions/sp-a2',
        send: nodejs('function main() {}', { parameters: annotated({ p: 1 }) }),
        status: 200,
      },
      {
        rule: 'an action becomes a sequence',
        ask: 'PUT actions/sp-a2?overwrite=true',
        send: seq('/_/sp-a'),
        status: 200,
        part: { parameters: annotated({ _actions: ['/guest/sp-a'] }) },
      },
      {
        rule: '… and one again, without parameters',
        ask: 'PUT actions/sp-a2?overwrite=true',
        send: nodejs('function main() {}'),
        status: 200,
        part: { parameters: [], exec: { kind: 'nodejs:20' } },
      },
    ],
  },
  {
    section: '3.4',
    title: 'sequences (A27)',
    given: [
      put('sq-inc', 'function main({ n }) { return { n: n + 1 } }', { parameters: annotated({ own: 1 }) }),
      put('sq-all', 'function main(a) { return a }', { parameters: annotated({ own: 1 }), limits: { memory: 128 } }),
      put('sq-err', 'function main() { return { error: "stop", more: 1 } }'),
      put('sq-throw', 'function main() { throw "up" }'),
      put('sq-list', 'function main() { return [1, 2] }'),
      put('sq-gone', 'function main(a) { return a }'),
      putSeq('sq', '/_/sq-inc', '/_/sq-all'),
      putSeq('sq-in-sq', '/_/sq', '/_/sq-inc'),
      putSeq('sq-stops', '/_/sq-inc', '/_/sq-err', '/_/sq-inc'),
      putSeq('sq-fails', '/_/sq-throw', '/_/sq-inc'),
      putSeq('sq-lists', '/_/sq-inc', '/_/sq-list'),
      putSeq('sq-broken', '/_/sq-inc', '/_/sq-gone', '/_/sq-inc'),
    ],
    rows: [
      run('each gets what the one before has answered', 'sq', { n: 1 }, 200, {
        name: 'sq',
        response: { status: 'success', success: true, result: { own: 1, n: 2 }, size: expect.any(Number) },
        logs: ids(2),
        annotations: expect.arrayContaining(
          annotated({
            topmost: true,
            path: 'guest/sq',
            kind: 'sequence',
            limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
          }),
        ),
      }),
      {
        rule: 'with result',
        ask: 'POST actions/sq?blocking=true&result=true',
        send: { n: 5 },
        status: 200,
        ran: true,
        body: { own: 1, n: 6 },
      },
      {
        rule: 'stored like that',
        ask: 'GET activations/{{sq}}',
        soon: true,
        status: 200,
        part: { name: 'sq', logs: ids(2) },
      },
      {
        rule: '… without timeout and initTime',
        ask: 'GET activations/{{sq}}',
        status: 200,
        body: expect.not.objectContaining({
          annotations: expect.arrayContaining([expect.objectContaining({ key: 'timeout' })]),
        }),
      },
      { rule: 'its logs are its components', ask: 'GET activations/{{sq}}/logs', status: 200, body: { logs: ids(2) } },
      {
        rule: 'components name it as their cause',
        ask: 'GET activations?name=sq-all&docs=true&limit=1',
        soon: true,
        status: 200,
        body: [
          expect.objectContaining({
            cause: id,
            annotations: expect.arrayContaining(annotated({ causedBy: 'sequence' })),
          }),
        ],
      },
      run('nested', 'sq-in-sq', { n: 1 }, 200, {
        response: { status: 'success', success: true, result: { n: 3 }, size: 7 },
        logs: ids(2),
      }),
      {
        rule: '… the inner one is not topmost',
        ask: 'GET activations?name=sq&docs=true&limit=1',
        soon: true,
        status: 200,
        body: [
          expect.objectContaining({
            cause: id,
            annotations: expect.arrayContaining(annotated({ topmost: false, causedBy: 'sequence' })),
          }),
        ],
      },
      run('an error ends it, with that one’s response', 'sq-stops', { n: 1 }, 502, {
        response: { status: 'application error', success: false, result: { error: 'stop' }, size: 25 },
        logs: ids(2),
      }),
      run('… whichever it is', 'sq-fails', { n: 1 }, 502, {
        response: {
          status: 'action developer error',
          success: false,
          result: { error: 'An error has occurred: up' },
          size: expect.any(Number),
        },
        logs: ids(1),
      }),
      {
        rule: 'a list is answered bare',
        ask: 'POST actions/sq-lists?blocking=true',
        send: { n: 1 },
        status: 200,
        ran: true,
        body: [1, 2],
      },
      { rule: 'one is deleted', ask: 'DELETE actions/sq-gone', status: 200 },
      run('… which is noticed when it is its turn', 'sq-broken', { n: 1 }, 502, {
        response: {
          status: 'application error',
          success: false,
          result: { error: 'Sequence component does not exist.' },
        },
        logs: ids(1),
      }),
    ],
  },
];
