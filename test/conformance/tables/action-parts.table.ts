// Actions: limits, parameters and annotations; GET, list and DELETE.
import { annotated, badQuery, echo, malformed, nodejs, notThere, type Row, type Table } from './row';

const code = 'function main() { return {} }';
const put = (rule: string, send: unknown, rest: Partial<Row>): Row => ({
  rule,
  ask: 'PUT actions/ac-x?overwrite=true',
  send,
  status: 200,
  ...rest,
});
const limited = (limits: unknown, error: string): Row =>
  put(`limits ${JSON.stringify(limits)}`, nodejs(code, { limits }), { status: 400, error });
const required = (text: string): string => `requirement failed: ${text}`;
export const actionPartTables: Table[] = [
  {
    section: '2.6',
    title: 'limits (R9, A10)',
    rows: [
      limited({ timeout: 99 }, required('duration 99 milliseconds below allowed threshold of 100 milliseconds')),
      limited({ timeout: 0 }, required('duration 0 milliseconds below allowed threshold of 100 milliseconds')),
      limited(
        { timeout: 300_001 },
        required('duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds'),
      ),
      limited({ memory: 0 }, required('memory size 0 MB below allowed threshold of 128 MB')),
      limited({ memory: 1024 }, required('memory size 1024 MB exceeds allowed threshold of 512 MB')),
      limited({ logs: 100 }, required('log size 100 MB exceeds allowed threshold of 10 MB')),
      limited({ concurrency: 0 }, required('concurrency 0 below allowed threshold of 1')),
      limited({ concurrency: 500 }, required('concurrency 500 exceeds allowed threshold of 1')),
      limited(
        { timeout: 1, memory: 1 },
        required('duration 1 milliseconds below allowed threshold of 100 milliseconds'),
      ),
      limited({ logs: 11, memory: 513 }, required('memory size 513 MB exceeds allowed threshold of 512 MB')),
      limited({ concurrency: 9, logs: 11 }, required('log size 11 MB exceeds allowed threshold of 10 MB')),
      limited({ timeout: '60000' }, malformed('time limit malformed')),
      limited({ timeout: true }, malformed('time limit malformed')),
      limited({ memory: '256' }, malformed('memory limit malformed')),
      limited({ memory: {} }, malformed('memory limit malformed')),
      limited({ timeout: 0.5 }, malformed(required('time limit must be whole number'))),
      limited({ memory: 128.5 }, malformed(required('memory limit must be whole number'))),
      limited({ memory: -128 }, malformed(required('a negative size of an object is not allowed.'))),
      limited({ logs: -2 }, malformed(required('a negative size of an object is not allowed.'))),
      limited({ timeout: 5, memory: 'x' }, malformed('memory limit malformed')),
      put(
        'all of them, in range',
        nodejs(code, { limits: { timeout: 300_000, memory: 512, logs: 0, concurrency: 1 } }),
        { part: { limits: { timeout: 300_000, memory: 512, logs: 0, concurrency: 1 } } },
      ),
      put(
        'null and unknown ones are not given; what is not given stays',
        nodejs(code, { limits: { timeout: 100, memory: null, burst: 'x' } }),
        { part: { limits: { timeout: 100, memory: 512, logs: 0, concurrency: 1 } } },
      ),
      put(
        'instances show once they were given',
        { limits: { instances: 2 } },
        { part: { limits: { timeout: 100, memory: 512, logs: 0, concurrency: 1, instances: 2 } } },
      ),
      put('… and stay', { limits: null }, { part: { limits: { instances: 2 } } }),
      {
        rule: 'more instances than the namespace may have',
        ask: 'PUT actions/li',
        as: 'limited',
        send: nodejs(code, { limits: { instances: 6 } }),
        status: 400,
        error: 'Max action instance concurrency must not exceed your namespace concurrency of 5.',
      },
      {
        rule: 'fewer instances than activations in one',
        ask: 'PUT actions/li',
        as: 'limited',
        send: nodejs(code, { limits: { instances: 0 } }),
        status: 400,
        error: 'Action container concurrency must be greater than or equal to 1.',
      },
      {
        rule: 'defaults',
        ask: 'PUT actions/ac-defaults',
        send: echo,
        status: 200,
        part: { limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 } },
      },
    ],
  },
  {
    section: '2.2',
    title: 'lists of parameters and annotations (A8)',
    rows: [
      ...[
        { a: 1 },
        'x',
        5,
        true,
        [1],
        ['a'],
        [null],
        [{ key: 'a' }],
        [{ value: 1 }],
        [{ key: 1, value: 1 }],
        [{ key: null, value: 1 }],
        [{ key: 'a', value: 1 }, {}],
      ].flatMap((list) =>
        ['parameters', 'annotations'].map((member) =>
          put(`${member} ${JSON.stringify(list)}`, nodejs(code, { [member]: list }), {
            status: 400,
            error: malformed('parameters malformed!'),
          }),
        ),
      ),
      put(
        'of a key twice the last counts, at the place of the first',
        nodejs(code, {
          parameters: [
            { key: 'b', value: 1 },
            { key: 'a', value: 2 },
            { key: 'b', value: 3 },
          ],
        }),
        {
          part: {
            parameters: [
              { key: 'b', value: 3 },
              { key: 'a', value: 2 },
            ],
          },
        },
      ),
      put('an empty key is legal, and null is a value', nodejs(code, { parameters: [{ key: '', value: null }] }), {
        part: { parameters: [{ key: '', value: null }] },
      }),
      put(
        'an update replaces parameters',
        { parameters: annotated({ z: [1, { y: null }] }) },
        { part: { parameters: annotated({ z: [1, { y: null }] }) } },
      ),
      put(
        '… and keeps them if absent',
        { annotations: annotated({ k: 1 }) },
        { part: { parameters: annotated({ z: [1, { y: null }] }) } },
      ),
      put(
        'init is shown where it is true',
        nodejs(code, {
          parameters: [
            { key: 'I', value: 'v', init: true },
            { key: 'J', value: 'v', init: false },
          ],
        }),
        {
          part: {
            parameters: [
              { key: 'I', value: 'v', init: true },
              { key: 'J', value: 'v' },
            ],
          },
        },
      ),
      ...['parameters', 'annotations'].flatMap((member) => [
        put(
          'the size is that of keys and compact values',
          nodejs(code, { [member]: [{ key: 'abc', value: 'x'.repeat(1_048_576) }] }),
          { status: 413, error: `${member} larger than allowed: 1048581 > 1048576 bytes.` },
        ),
        put(
          '… all of them together',
          nodejs(code, {
            [member]: [
              { key: 'a', value: 'x'.repeat(600_000) },
              { key: 'b', value: 'x'.repeat(600_000) },
            ],
          }),
          { status: 413, error: `${member} larger than allowed: 1200006 > 1048576 bytes.` },
        ),
      ]),
      put('one that just fits', nodejs(code, { parameters: [{ key: 'abc', value: 'x'.repeat(1_048_571) }] }), {}),
      put(
        'parameters are measured before annotations',
        nodejs(code, {
          parameters: [{ key: 'a', value: 'x'.repeat(1_048_576) }],
          annotations: [{ key: 'a', value: 'x'.repeat(1_048_577) }],
        }),
        { status: 413, error: 'parameters larger than allowed: 1048579 > 1048576 bytes.' },
      ),
    ],
  },
  {
    section: '2.3',
    title: 'annotations of actions',
    rows: [
      {
        rule: 'exec and provide-api-key are added',
        ask: 'PUT actions/an',
        send: echo,
        status: 200,
        part: { annotations: annotated({ 'provide-api-key': false, exec: 'nodejs:20' }) },
      },
      {
        rule: 'an update merges them',
        ask: 'PUT actions/an?overwrite=true',
        send: { annotations: annotated({ a: 1, 'provide-api-key': true }) },
        status: 200,
        part: { annotations: expect.arrayContaining(annotated({ a: 1, 'provide-api-key': true, exec: 'nodejs:20' })) },
      },
      {
        rule: '… new ones win',
        ask: 'PUT actions/an?overwrite=true',
        send: { annotations: annotated({ a: 2, exec: 'mine' }) },
        status: 200,
        part: { annotations: expect.arrayContaining(annotated({ a: 2, exec: 'nodejs:20' })) },
      },
      {
        rule: 'delAnnotations removes',
        ask: 'PUT actions/an?overwrite=true',
        send: { delAnnotations: ['a', 'none'] },
        status: 200,
        body: expect.not.objectContaining({
          annotations: expect.arrayContaining([expect.objectContaining({ key: 'a' })]),
        }),
      },
      {
        rule: 'exec cannot be removed',
        ask: 'PUT actions/an?overwrite=true',
        send: { delAnnotations: ['exec'] },
        status: 200,
        part: { annotations: expect.arrayContaining(annotated({ exec: 'nodejs:20' })) },
      },
      {
        rule: 'an empty list removes nothing',
        ask: 'PUT actions/an?overwrite=true',
        send: { annotations: [] },
        status: 200,
        part: { annotations: expect.arrayContaining(annotated({ 'provide-api-key': true, exec: 'nodejs:20' })) },
      },
    ],
  },
  {
    section: '1.6',
    title: 'GET, list and DELETE',
    given: [{ ask: 'PUT actions/gld', send: nodejs(code, { parameters: annotated({ p: 1 }) }) }],
    rows: [
      {
        rule: 'the whole entity',
        ask: 'GET actions/gld',
        status: 200,
        body: {
          namespace: 'guest',
          name: 'gld',
          version: '0.0.1',
          publish: false,
          exec: { kind: 'nodejs:20', code, binary: false },
          parameters: annotated({ p: 1 }),
          limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
          annotations: annotated({ 'provide-api-key': false, exec: 'nodejs:20' }),
          updated: expect.any(Number),
        },
      },
      {
        rule: 'code=false leaves the code out',
        ask: 'GET actions/gld?code=false',
        status: 200,
        part: { exec: { kind: 'nodejs:20', binary: false } },
      },
      {
        rule: 'code is a boolean',
        ask: 'GET actions/gld?code=maybe',
        status: 400,
        error: badQuery('code', "'maybe' is not a valid Boolean value"),
      },
      ...['yes', 'on', '1', 'TRUE', 'No', 'off', '0'].map((value) => ({
        rule: 'booleans as the server reads them',
        ask: `GET actions/gld?code=${value}`,
        status: 200,
      })),
      {
        rule: 'an item of the list',
        ask: 'GET actions?limit=200',
        status: 200,
        body: expect.arrayContaining([
          {
            namespace: 'guest',
            name: 'gld',
            version: '0.0.1',
            publish: false,
            annotations: annotated({ 'provide-api-key': false, exec: 'nodejs:20' }),
            limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
            exec: { binary: false },
            updated: expect.any(Number),
          },
        ]),
      },
      {
        rule: 'DELETE answers with the entity',
        ask: 'DELETE actions/gld',
        status: 200,
        part: { name: 'gld', exec: { code } },
      },
      ...['GET', 'DELETE', 'POST'].map((method) => ({
        rule: 'then it is not there',
        ask: `${method} actions/gld`,
        status: 404,
        error: notThere,
      })),
    ],
  },
];
