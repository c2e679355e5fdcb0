// Who calls: what counts as credentials, and what is the caller's own.
import { badCredentials, forbidden, noCredentials, noRoute, type Table } from './row';

const realm = { 'www-authenticate': 'Basic realm="OpenWhisk secure realm",charset=UTF-8' };
const uuid = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const key = '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
const coded = (text: string): string => Buffer.from(text).toString('base64');

const unreadable: [string, string][] = [
  ['another scheme', 'Bearer abc'],
  ['another scheme', `Digest ${coded(`${uuid}:${key}`)}`],
  ['no base64', 'Basic !!!'],
  ['nothing behind the scheme', 'Basic'],
  ['the bare credential', `${uuid}:${key}`],
  ['a credential that is not encoded', `Basic ${uuid}:${key}`],
];
const wrong: [string, string][] = [
  ['no colon', 'nonsense'],
  ['no UUID', `me:${key}`],
  ['an empty key', `${uuid}:`],
  ['an empty uuid', `:${key}`],
  ['a short key', `${uuid}:${key.slice(1)}`],
  ['a long key', `${uuid}:${key}x`],
  ['a wrong key', `${uuid}:${key.slice(0, -1)}Q`],
  ['another’s key', `${uuid}:abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP`],
  ['an unknown uuid', `99${uuid.slice(2)}:${key}`],
];
const asked = [
  'GET actions',
  'PUT actions/x',
  'POST actions/x',
  'DELETE packages/x',
  'GET nonsense',
  'POST triggers/bad$name',
];

export const credentialTables: Table[] = [
  {
    section: '5.1',
    title: 'credentials (R3)',
    rows: [
      ...asked.map((ask) => ({
        rule: 'none: 401, whatever is asked',
        ask,
        as: 'nobody' as const,
        status: 401,
        error: noCredentials,
        headers: realm,
      })),
      ...unreadable.map(([what, authorization]) => ({
        rule: `${what} counts as none`,
        ask: 'GET triggers',
        with: { authorization },
        status: 401,
        error: noCredentials,
        headers: realm,
      })),
      ...wrong.map(([what, text]) => ({
        rule: `${what} is wrong`,
        ask: 'GET rules',
        with: { authorization: `Basic ${coded(text)}` },
        status: 401,
        error: badCredentials,
        headers: realm,
      })),
      ...['basic', 'BASIC', 'BaSiC'].map((scheme) => ({
        rule: 'the scheme has no case',
        ask: 'GET /api/v1/namespaces',
        with: { authorization: `${scheme} ${coded(`${uuid}:${key}`)}` },
        status: 200,
        body: ['guest'],
      })),
      {
        rule: 'the query is no place for credentials',
        ask: `GET actions?auth=${uuid}:${key}`,
        as: 'nobody',
        status: 401,
        error: noCredentials,
      },
    ],
  },
  {
    section: '1.3',
    title: 'namespaces and limits',
    rows: [
      { rule: 'exactly the one of the credential', ask: 'GET /api/v1/namespaces', status: 200, body: ['guest'] },
      { rule: '… with a slash, too', ask: 'GET /api/v1/namespaces/', as: 'second', status: 200, body: ['second'] },
      ...['GET', 'PUT', 'DELETE'].map((method) => ({
        rule: 'a namespace by itself is no route',
        ask: `${method} /api/v1/namespaces/guest`,
        status: 404,
        error: noRoute,
      })),
      ...['guest', '_'].flatMap((name) =>
        ['limits', 'limits/'].map((path) => ({
          rule: 'effective limits, MB and ms (1.11)',
          ask: `GET /api/v1/namespaces/${name}/${path}`,
          status: 200,
          part: {
            minActionMemory: 128,
            maxActionMemory: 512,
            minActionLogs: 0,
            maxActionLogs: 10,
            minActionTimeout: 100,
            maxActionTimeout: 300_000,
            minActionConcurrency: 1,
            maxActionConcurrency: 1,
            maxParameterSize: '1048576 B',
          },
        })),
      ),
      {
        rule: 'limits that were set show, the others are the system’s',
        ask: 'GET limits',
        as: 'limited',
        status: 200,
        part: {
          invocationsPerMinute: 3,
          firesPerMinute: 2,
          concurrentInvocations: 5,
          maxActionInstances: 5,
          maxActionMemory: 512,
        },
      },
      {
        rule: 'those of others are theirs',
        ask: 'GET /api/v1/namespaces/second/limits',
        status: 403,
        error: forbidden('second'),
      },
      {
        rule: 'a single limit is not to be had',
        ask: 'GET limits/maxActionMemory',
        status: 400,
        error: 'Inner entity level routes for limits are not yet implemented.',
        cors: 'none',
      },
      ...['actions', 'triggers', 'rules', 'activations'].flatMap((collection) => [
        {
          rule: 'lists of others are theirs',
          ask: `GET /api/v1/namespaces/second/${collection}`,
          status: 403,
          error: forbidden('second'),
        },
        {
          rule: 'a missing namespace looks the same',
          ask: `GET /api/v1/namespaces/no-such.ns/${collection}`,
          status: 403,
          error: forbidden('no-such.ns'),
        },
      ]),
      {
        rule: 'packages of anybody may be listed (R11)',
        ask: 'GET /api/v1/namespaces/no-such.ns/packages',
        status: 200,
        body: [],
      },
      {
        rule: 'rights come before the query',
        ask: 'GET /api/v1/namespaces/second/actions?limit=x',
        status: 403,
        error: forbidden('second'),
      },
    ],
  },
];
