// Names of entities and namespaces, and paths that lead to them.
import { annotated, echo, forbidden, noRoute, notInCollection, notThere, type Row, type Table } from './row';

const illegal = 'The name of the entity contains illegal characters.';
const illegalNamespace = 'The namespace contains illegal characters.';
const bodies: Record<string, unknown> = { actions: echo, packages: {}, triggers: {} };
const good = [
  'n a',
  'n.b@c-d&e',
  '_n',
  '0',
  'N%C3%A4'.slice(0, 1),
  'n'.repeat(256),
  'default.x',
  'n1%20n2',
  'n-',
  'n@',
  'n.',
];
const bad = [
  '%20n',
  'n%20',
  '-n',
  '.n',
  '@n',
  '&n',
  'n+m',
  'n%2Fm',
  'n%C3%A4',
  'n$',
  'n!',
  'n:',
  'n,',
  'n~',
  "n'",
  'n%0A',
  'n%3F',
  'n%23',
  'n*',
  'n(',
  'n=',
  'n;',
  'n%7C',
  'n%5C',
  'n%22',
  'n%3C',
  'n%09',
  'n%00',
];
const decoded = (name: string): string => decodeURIComponent(name);

const accepted: Row[] = good.flatMap((name) => {
  const path = encodeURIComponent(decoded(name));
  return [
    {
      rule: 'a legal name',
      ask: `PUT actions/${path}`,
      send: echo,
      status: 200,
      part: { name: decoded(name), namespace: 'guest' },
    },
    { rule: '… and it is found by it', ask: `DELETE actions/${path}`, status: 200, part: { name: decoded(name) } },
  ];
});

export const nameTables: Table[] = [
  {
    section: '2.1',
    title: 'names (A14)',
    rows: [
      ...accepted,
      ...Object.keys(bodies).flatMap((collection) =>
        bad.map((name) => ({
          rule: 'an illegal name',
          ask: `PUT ${collection}/${name}`,
          send: bodies[collection],
          status: 400,
          error: illegal,
        })),
      ),
      ...['GET', 'DELETE', 'POST'].flatMap((method) =>
        ['actions', 'triggers', 'rules'].map((collection) => ({
          rule: 'an illegal name is told before anything else',
          ask: `${method} ${collection}/-x`,
          status: 400,
          error: illegal,
        })),
      ),
      ...['GET', 'PUT', 'DELETE', 'POST'].map((method) => ({
        rule: 'a name of 257 characters',
        ask: `${method} actions/${'n'.repeat(257)}`,
        send: echo,
        status: 400,
        error: 'Name segement longer than allowed: 257 > 256.',
      })),
      { rule: 'both segments are names', ask: `PUT actions/-p/x`, send: echo, status: 400, error: illegal },
      { rule: '… the second one, too', ask: `PUT actions/nm-pkg/-x`, send: echo, status: 400, error: illegal },
      { rule: 'an illegal namespace', ask: 'GET /api/v1/namespaces/n$s/actions', status: 400, error: illegalNamespace },
      {
        rule: 'an illegal namespace comes before an illegal name',
        ask: 'PUT /api/v1/namespaces/n$s/actions/-x',
        send: echo,
        status: 400,
        error: illegalNamespace,
      },
      {
        rule: 'a namespace of 257 characters',
        ask: `GET /api/v1/namespaces/${'n'.repeat(257)}/packages`,
        status: 400,
        error: 'Namespace longer than allowed: 257 > 256.',
      },
      {
        rule: 'a namespace may have spaces inside',
        ask: 'GET /api/v1/namespaces/n%20s/rules',
        status: 403,
        error: forbidden('n s'),
      },
      {
        rule: 'the name comes before rights',
        ask: 'GET /api/v1/namespaces/second/triggers/-x',
        status: 400,
        error: illegal,
      },
      {
        rule: 'an action may be called default',
        ask: 'PUT actions/default',
        send: echo,
        status: 200,
        part: { name: 'default' },
      },
      {
        rule: 'a package may not',
        ask: 'PUT packages/default',
        send: {},
        status: 400,
        error: "Package name 'default' is reserved.",
      },
      {
        rule: 'POST actions/default/a looks for a package of that name (A3)',
        ask: 'POST actions/default/a',
        send: {},
        status: 409,
        error: notInCollection,
      },
      { rule: '', ask: 'DELETE actions/default', status: 200 },
      { rule: 'without one that is 404', ask: 'POST actions/default/a', send: {}, status: 404, error: notThere },
      {
        rule: 'a package may be called _ (R4)',
        ask: 'PUT packages/_',
        send: {},
        status: 200,
        part: { name: '_', namespace: 'guest' },
      },
      { rule: '', ask: 'DELETE packages/_', status: 200 },
    ],
  },
  {
    section: '1.1',
    title: 'slashes (A3)',
    given: [
      { ask: 'PUT packages/sl', send: {} },
      { ask: 'PUT actions/sl/in', send: echo },
      { ask: 'PUT actions/sl-a', send: echo },
      { ask: 'PUT triggers/sl-t', send: {} },
    ],
    rows: [
      ...['actions', 'packages', 'triggers', 'rules', 'activations'].map((collection) => ({
        rule: 'a slash may follow a collection',
        ask: `GET ${collection}/?limit=1`,
        status: 200,
        part: {},
      })),
      {
        rule: 'a package’s list has its slash',
        ask: 'GET actions/sl/',
        status: 200,
        body: [expect.objectContaining({ name: 'in', namespace: 'guest/sl' })],
      },
      { rule: 'without, it is an action', ask: 'GET actions/sl', status: 409, error: notInCollection },
      { rule: 'an action with slash is a package', ask: 'GET actions/sl-a/', status: 409, error: notInCollection },
      { rule: 'a missing one is not there', ask: 'GET actions/sl-none/', status: 404, error: notThere },
      { rule: 'below a package is one level', ask: 'GET actions/sl/in/more', status: 404, error: noRoute },
      {
        rule: 'the actions of a namespace include those of packages',
        ask: 'GET actions?limit=200',
        status: 200,
        body: expect.arrayContaining([
          expect.objectContaining({ name: 'in', namespace: 'guest/sl' }),
          expect.objectContaining({ name: 'sl-a', namespace: 'guest' }),
        ]),
      },
    ],
  },
  {
    section: '2.1',
    title: 'one key space for all collections',
    given: [
      { ask: 'PUT packages/ks-p', send: {} },
      { ask: 'PUT actions/ks-a', send: echo },
      { ask: 'PUT triggers/ks-t', send: {} },
      { ask: 'PUT rules/ks-r', send: { trigger: '/_/ks-t', action: '/_/ks-a' } },
    ],
    rows: ['a', 'p', 't', 'r'].flatMap((kind, at) =>
      ['actions', 'packages', 'triggers', 'rules'].flatMap((collection, place): Row[] =>
        at === place
          ? []
          : [
              ...['GET', 'DELETE'].map((method) => ({
                rule: 'of another collection',
                ask: `${method} ${collection}/ks-${kind}`,
                status: 409,
                error: notInCollection,
              })),
              ...['', '?overwrite=true'].map((query) => ({
                rule: 'taken by another collection',
                ask: `PUT ${collection}/ks-${kind}${query}`,
                send: { actions: echo, packages: {}, triggers: {}, rules: { trigger: '/_/ks-t', action: '/_/ks-a' } }[
                  collection
                ],
                status: 409,
                error: notInCollection,
              })),
            ],
      ),
    ),
  },
  {
    section: '2.1',
    title: 'versions and publish',
    given: [{ ask: 'PUT actions/ver', send: echo }],
    rows: [
      {
        rule: 'an update bumps the last number',
        ask: 'PUT actions/ver?overwrite=true',
        send: {},
        status: 200,
        part: { version: '0.0.2' },
      },
      {
        rule: 'a given version is stored as it is',
        ask: 'PUT actions/ver?overwrite=true',
        send: { version: '4.5.6' },
        status: 200,
        part: { version: '4.5.6' },
      },
      {
        rule: '… and bumped from there',
        ask: 'PUT actions/ver?overwrite=true',
        send: { publish: true },
        status: 200,
        part: { version: '4.5.7', publish: true },
      },
      {
        rule: 'publish is kept',
        ask: 'PUT actions/ver?overwrite=true',
        send: {},
        status: 200,
        part: { publish: true },
      },
      {
        rule: 'parts may be left out',
        ask: 'PUT actions/ver?overwrite=true',
        send: { version: '7' },
        status: 200,
        part: { version: '7.0.0' },
      },
      {
        rule: 'parts may be left out',
        ask: 'PUT actions/ver?overwrite=true',
        send: { version: '7.1' },
        status: 200,
        part: { version: '7.1.0' },
      },
      ...['abc', '0.0.0', '1.x', '-1', ''].map((version) => ({
        rule: 'not every text is a version',
        ask: 'PUT actions/ver?overwrite=true',
        send: { version },
        status: 400,
        error: /^The request content was malformed:\n/,
      })),
      ...['packages', 'triggers'].flatMap((collection): Row[] => [
        {
          rule: 'the same of other entities',
          ask: `PUT ${collection}/ver-${collection}`,
          send: { version: '1.2.3', publish: true, annotations: annotated({ a: 1 }) },
          status: 200,
          part: { version: '1.2.3', publish: true },
        },
        {
          rule: 'lists are replaced there, and kept if absent',
          ask: `PUT ${collection}/ver-${collection}?overwrite=true`,
          send: { parameters: annotated({ p: 1 }) },
          status: 200,
          part: { version: '1.2.4', annotations: annotated({ a: 1 }), parameters: annotated({ p: 1 }) },
        },
        {
          rule: '',
          ask: `PUT ${collection}/ver-${collection}?overwrite=true`,
          send: { parameters: annotated({ q: 2 }), annotations: [] },
          status: 200,
          part: { version: '1.2.5', annotations: [], parameters: annotated({ q: 2 }) },
        },
        {
          rule: 'create only',
          ask: `PUT ${collection}/ver-${collection}`,
          send: {},
          status: 409,
          error: 'resource already exists',
        },
        {
          rule: '',
          ask: `PUT ${collection}/ver-${collection}?overwrite=false`,
          send: {},
          status: 409,
          error: 'resource already exists',
        },
      ]),
    ],
  },
];
