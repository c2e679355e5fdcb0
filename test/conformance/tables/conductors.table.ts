// Conductors.
import { annotated, nodejs, type Row, type Table } from './row';

const id = expect.stringMatching(/^[0-9a-f]{32}$/) as unknown;
const ids = (count: number): unknown[] => Array.from({ length: count }, () => id);
const put = (name: string, code: string, rest: Record<string, unknown> = {}): { ask: string; send: unknown } => ({
  ask: `PUT actions/${name}`,
  send: nodejs(code, rest),
});
const conductor = annotated({ conductor: true });
const run = (rule: string, name: string, send: unknown, status: number, part: Record<string, unknown>): Row => ({
  rule,
  ask: `POST actions/${name}?blocking=true`,
  send,
  status,
  ran: true,
  part,
  keep: { [name.replace(/\W/g, '_')]: 'activationId' },
});
const problem = (rule: string, name: string, error: string, steps: number): Row =>
  run(rule, name, { n: 1 }, 200, {
    response: { status: 'success', success: true, result: { got: { error } } },
    logs: ids(steps),
  });
/** A conductor that names `action` at first, and ends with what it is told then. */
const naming = (name: string, action: string, more = ''): { ask: string; send: unknown } =>
  put(
    name,
    `function main(a) { return a.step ? (delete a.step, { params: { got: a } }) : { action: ${action}${more}, state: { step: 1 } } }`,
    { annotations: conductor },
  );

export const conductorTables: Table[] = [
  {
    section: '3.5',
    title: 'conductors (A26, R18)',
    given: [
      put('co-inc', 'function main({ n }) { return { n: n + 1 } }'),
      put('co-err', 'function main() { return { error: "failed" } }'),
      { ask: 'PUT packages/co-p', send: {} },
      put('co-p/inc', 'function main({ n }) { return { n: n + 10 } }'),
      put(
        'co-two',
        'function main(a) { const { step = 0, ...rest } = a; return step === 0 ? { action: "co-inc", params: rest, state: { step: 1, kept: true } } : step === 1 ? { action: "/_/co-p/inc", params: rest, state: { step: 2 } } : { params: { done: rest.n } } }',
        { annotations: conductor },
      ),
      put('co-plain', 'function main(a) { return { a, other: 1 } }', { annotations: conductor }),
      put('co-params', 'function main() { return { params: 5, other: 1 } }', { annotations: conductor }),
      put('co-fails', 'function main() { return { error: "no" } }', { annotations: conductor }),
      put('co-false', 'function main() { return { action: "co-inc" } }', {
        annotations: annotated({ conductor: false }),
      }),
      put('co-string', 'function main(a) { return a.n > 1 ? { params: a } : { action: "co-inc", params: { n: 1 } } }', {
        annotations: annotated({ conductor: 'false' }),
      }),
      naming('co-none', '"co-nothing"'),
      naming('co-none2', '"/guest/co-p/nothing"'),
      naming('co-bad', '5'),
      naming('co-bad2', '{ a: [1] }'),
      naming('co-theirs', '"/second/plain"'),
      naming('co-err-in', '"co-err"', ', params: {}'),
      put(
        'co-wins',
        'function main(a) { return a.step ? { params: a } : { action: "co-inc", params: { n: 1 }, state: { step: 1, n: 99 } } }',
        { annotations: conductor },
      ),
      put(
        'co-boxes',
        'function main(a) { return "value" in a || "state" in a ? { params: { seen: a } } : { action: "co-inc", params: 7, state: 8 } }',
        { annotations: conductor },
      ),
      put(
        'co-deep',
        'function main(a) { return a.step ? { params: a } : { action: "co-two", params: { n: a.n }, state: { step: 1 } } }',
        { annotations: conductor },
      ),
    ],
    rows: [
      run('it is asked what is next until it says nothing', 'co-two', { n: 1 }, 200, {
        response: { status: 'success', success: true, result: { done: 12 } },
        logs: ids(5),
        annotations: expect.arrayContaining(
          annotated({ topmost: true, conductor: true, kind: 'sequence', path: 'guest/co-two' }),
        ),
      }),
      {
        rule: 'with result',
        ask: 'POST actions/co-two?blocking=true&result=true',
        send: { n: 5 },
        status: 200,
        ran: true,
        body: { done: 16 },
      },
      {
        rule: 'components are caused by it',
        ask: 'GET activations?name=co-inc&docs=true&limit=1',
        soon: true,
        status: 200,
        body: [
          expect.objectContaining({
            cause: id,
            annotations: expect.arrayContaining(annotated({ causedBy: 'sequence' })),
          }),
        ],
      },
      run('without action and params it is the result', 'co-plain', { x: 1 }, 200, {
        response: { status: 'success', success: true, result: { a: { x: 1 }, other: 1 } },
        logs: ids(1),
      }),
      run('params that are no object are boxed', 'co-params', {}, 200, {
        response: { status: 'success', success: true, result: { value: 5 } },
        logs: ids(1),
      }),
      run('its own failure ends it', 'co-fails', {}, 502, {
        response: { status: 'application error', success: false, result: { error: 'no' } },
        logs: ids(1),
      }),
      run('the annotation has to be true', 'co-false', {}, 200, {
        response: { status: 'success', success: true, result: { action: 'co-inc' }, size: expect.any(Number) },
        logs: [],
      }),
      run('… of which any text is (2.3)', 'co-string', {}, 200, {
        response: { status: 'success', success: true, result: { n: 2 } },
        logs: ids(3),
      }),
      problem(
        'what is missing is told to it',
        'co-none',
        "Failed to resolve action with name 'guest/co-nothing' during composition.",
        2,
      ),
      problem(
        '… in a package',
        'co-none2',
        "Failed to resolve action with name 'guest/co-p/nothing' during composition.",
        2,
      ),
      problem('what is no name', 'co-bad', 'Failed to parse action name from json value 5 during composition.', 2),
      problem(
        'what is no name',
        'co-bad2',
        'Failed to parse action name from json value {"a":[1]} during composition.',
        2,
      ),
      problem(
        'what is forbidden',
        'co-theirs',
        "Failed entitlement check for action with name 'second/plain' during composition.",
        2,
      ),
      problem('a component’s failure', 'co-err-in', 'failed', 3),
      run('state wins over the result', 'co-wins', {}, 200, {
        response: { status: 'success', success: true, result: { n: 99, step: 1 } },
        logs: ids(3),
      }),
      run('a composition in it', 'co-deep', { n: 1 }, 200, {
        response: { status: 'success', success: true, result: { done: 12, step: 1 } },
        logs: ids(3),
      }),
    ],
  },
];
