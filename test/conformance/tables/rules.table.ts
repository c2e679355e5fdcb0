// Rules.
import { annotated, echo, malformed, notThere, type Row, type Table } from './row';

const time = expect.any(Number) as unknown;
const status = (value: unknown): Row => ({
  rule: `a state that is none: ${JSON.stringify(value)}`,
  ask: 'POST rules/ru',
  send: { status: value },
  status: 400,
  error:
    typeof value === 'string'
      ? malformed(`requirement failed: ${value} is not a recognized rule state`)
      : /^The request content was malformed:\n/,
});
const ok = { text: 'OK', headers: { 'content-type': 'text/plain; charset=UTF-8' } };
const rule = (trigger: unknown, action: unknown): unknown => ({ trigger, action });
const unqualified = malformed(
  'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.',
);

export const ruleTables: Table[] = [
  {
    section: '7.2',
    title: 'rules (A18, R12)',
    given: [
      { ask: 'PUT triggers/ru-t', send: {} },
      { ask: 'PUT triggers/ru-u', send: {} },
      { ask: 'PUT packages/ru-p', send: {} },
      { ask: 'PUT actions/ru-p/a', send: echo },
      { ask: 'PUT actions/ru-a', send: echo },
    ],
    rows: [
      {
        rule: 'new ones are active, whatever is said',
        ask: 'PUT rules/ru',
        send: { name: 'ru', status: 'inactive', trigger: '/_/ru-t', action: '/_/ru-a' },
        status: 200,
        body: {
          namespace: 'guest',
          name: 'ru',
          version: '0.0.1',
          publish: false,
          status: 'active',
          trigger: { path: 'guest', name: 'ru-t' },
          action: { path: 'guest', name: 'ru-a' },
          annotations: [],
          updated: time,
        },
      },
      {
        rule: 'names may be objects',
        ask: 'PUT rules/ru2',
        send: rule({ path: 'guest', name: 'ru-t' }, { path: 'guest/ru-p', name: 'a' }),
        status: 200,
        part: { action: { path: 'guest/ru-p', name: 'a' } },
      },
      {
        rule: 'or texts without a slash before',
        ask: 'PUT rules/ru3',
        send: rule('guest/ru-t', 'guest/ru-p/a'),
        status: 200,
        part: { action: { path: 'guest/ru-p', name: 'a' } },
      },
      {
        rule: 'an item of the list has no status',
        ask: 'GET rules?limit=1',
        status: 200,
        body: [
          {
            namespace: 'guest',
            name: 'ru3',
            version: '0.0.1',
            publish: false,
            trigger: { path: 'guest', name: 'ru-t' },
            action: { path: 'guest/ru-p', name: 'a' },
            annotations: [],
            updated: time,
          },
        ],
      },
      {
        rule: 'the trigger shows them, and keeps its version',
        ask: 'GET triggers/ru-t',
        status: 200,
        part: {
          version: '0.0.1',
          rules: {
            'guest/ru': { action: { path: 'guest', name: 'ru-a' }, status: 'active' },
            'guest/ru2': { action: { path: 'guest/ru-p', name: 'a' }, status: 'active' },
            'guest/ru3': expect.anything(),
          },
        },
      },
      {
        rule: 'exists',
        ask: 'PUT rules/ru',
        send: rule('/_/ru-t', '/_/ru-a'),
        status: 409,
        error: 'resource already exists',
      },
      {
        rule: 'names have namespaces',
        ask: 'PUT rules/ru-x',
        send: rule('ru-t', '/_/ru-a'),
        status: 400,
        error: unqualified,
      },
      {
        rule: 'names have namespaces',
        ask: 'PUT rules/ru-x',
        send: rule('/_/ru-t', 'ru-a'),
        status: 400,
        error: unqualified,
      },
      ...[rule(5, '/_/ru-a'), rule('/_/ru-t', ['a']), rule({ name: 'x' }, '/_/ru-a')].map((send) => ({
        rule: 'names of another shape',
        ask: 'PUT rules/ru-x',
        send,
        status: 400,
        error: /^The request content was malformed:\n/,
      })),
      {
        rule: 'a trigger that is missing',
        ask: 'PUT rules/ru-x',
        send: rule('/_/ru-none', '/_/ru-a'),
        status: 400,
        error: 'trigger /guest/ru-none does not exist',
      },
      {
        rule: 'an action that is missing',
        ask: 'PUT rules/ru-x',
        send: rule('/_/ru-t', '/_/ru-none'),
        status: 400,
        error: 'action /guest/ru-none does not exist',
      },
      {
        rule: '… in a package',
        ask: 'PUT rules/ru-x',
        send: rule('/_/ru-t', '/_/ru-p/none'),
        status: 400,
        error: 'action /guest/ru-p/none does not exist',
      },
      {
        rule: 'both missing: the trigger is told',
        ask: 'PUT rules/ru-x',
        send: rule('/_/ru-none', '/_/ru-none'),
        status: 400,
        error: 'trigger /guest/ru-none does not exist',
      },
      ...[{}, { trigger: '/_/ru-t' }, { action: '/_/ru-a' }, { trigger: null, action: '/_/ru-a' }].map((send) => ({
        rule: 'both are needed',
        ask: 'PUT rules/ru-x',
        send,
        status: 400,
        error: 'rule requires a valid trigger and a valid action',
      })),
      {
        rule: 'inactive',
        ask: 'POST rules/ru',
        send: { status: 'inactive', trigger: null, action: null },
        status: 200,
        ...ok,
      },
      { rule: '… again', ask: 'POST rules/ru', send: { status: 'inactive' }, status: 200, ...ok },
      {
        rule: '… shows, and is no new version',
        ask: 'GET rules/ru',
        status: 200,
        part: { status: 'inactive', version: '0.0.1' },
      },
      {
        rule: 'an update keeps the status',
        ask: 'PUT rules/ru?overwrite=true',
        send: { annotations: annotated({ a: 1 }) },
        status: 200,
        part: {
          status: 'inactive',
          version: '0.0.2',
          annotations: annotated({ a: 1 }),
          trigger: { path: 'guest', name: 'ru-t' },
        },
      },
      {
        rule: 'another trigger: it moves',
        ask: 'PUT rules/ru?overwrite=true',
        send: { trigger: '/_/ru-u' },
        status: 200,
        part: { status: 'inactive', version: '0.0.3', trigger: { path: 'guest', name: 'ru-u' } },
      },
      {
        rule: '… away',
        ask: 'GET triggers/ru-t',
        status: 200,
        body: expect.not.objectContaining({ rules: expect.objectContaining({ 'guest/ru': expect.anything() }) }),
      },
      {
        rule: '… to the other',
        ask: 'GET triggers/ru-u',
        status: 200,
        part: { rules: { 'guest/ru': { status: 'inactive', action: { path: 'guest', name: 'ru-a' } } } },
      },
      { rule: 'active', ask: 'POST rules/ru', send: { status: 'active' }, status: 200, ...ok },
      ...['x', '', 'Active', 'ACTIVE', 5, null, true, ['active']].map(status),
      { rule: 'a body is needed', ask: 'POST rules/ru', status: 400, error: /^The request content was malformed:\n/ },
      {
        rule: 'a status is needed',
        ask: 'POST rules/ru',
        send: {},
        status: 400,
        error: /^The request content was malformed:\n/,
      },
      {
        rule: 'a state that is none comes before a rule that is missing',
        ask: 'POST rules/ru-none',
        send: { status: 'x' },
        status: 400,
        error: malformed('requirement failed: x is not a recognized rule state'),
      },
      ...['GET', 'DELETE'].map((method) => ({
        rule: 'missing',
        ask: `${method} rules/ru-none`,
        status: 404,
        error: notThere,
      })),
      { rule: 'missing', ask: 'POST rules/ru-none', send: { status: 'active' }, status: 404, error: notThere },
      {
        rule: 'DELETE answers with an inactive rule',
        ask: 'DELETE rules/ru',
        status: 200,
        part: { name: 'ru', status: 'inactive' },
      },
      {
        rule: 'after the last has left, rules stays',
        ask: 'GET triggers/ru-u',
        status: 200,
        part: { version: '0.0.1', rules: {} },
      },
      {
        rule: 'DELETE of a trigger shows its rules',
        ask: 'DELETE triggers/ru-t',
        status: 200,
        part: { rules: { 'guest/ru2': expect.anything(), 'guest/ru3': expect.anything() } },
      },
      { rule: 'a rule without trigger is inactive', ask: 'GET rules/ru2', status: 200, part: { status: 'inactive' } },
      {
        rule: '… and cannot become active',
        ask: 'POST rules/ru2',
        send: { status: 'active' },
        status: 404,
        error: 'Only rules with existing triggers can be activated',
      },
      { rule: '… but inactive', ask: 'POST rules/ru2', send: { status: 'inactive' }, status: 200, ...ok },
      { rule: 'a new trigger of that name', ask: 'PUT triggers/ru-t', send: {}, status: 200 },
      { rule: '… does not take the rule up', ask: 'GET rules/ru2', status: 200, part: { status: 'inactive' } },
      ...['ru2', 'ru3'].map((name) => ({ rule: 'it can be deleted', ask: `DELETE rules/${name}`, status: 200 })),
    ],
  },
];
