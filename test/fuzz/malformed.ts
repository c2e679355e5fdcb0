// Makes malformed requests from the OpenAPI document: wrong types, sizes, encodings, depths, header injections, path tricks. One seed, one sequence.
import { type Random, seededRandom } from '#clock';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly $ref?: string;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
}
interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Whose names are used in paths: those of the caller, and of somebody else. */
export interface Names {
  readonly namespaces: readonly string[];
  readonly entities: readonly string[];
}

const hostile = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '%2e%2e',
    '%2E%2E%2F%2E%2E%2Fetc',
    '%2F',
    '%00',
    '%0d%0aset-cookie:%20a=b',
    '%ff%fe',
    '%',
    '%zz',
    '%c0%ae',
  ],
  ...[
    '_',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    "'",
    '"',
    "' or 1=1 --",
    '%',
    '*',
    '$',
    '{}',
    '[]',
    '<script>',
  ],
  ...[
    '\u{1f600}',
    'ñ',
    'a%20b',
    'a+b',
    '+',
    '-a',
    'a|b',
    '../../../x',
    'a'.repeat(257),
    'a'.repeat(9_000),
    '0',
    '-1',
    '1e99',
  ],
  ...[
    'null',
    'undefined',
    'NaN',
    'true',
    '1.5',
    '99999999999999999999',
    '0x10',
    '١',
    'default',
    'whisk.system',
    '%E2%80%AE',
  ],
];
const types = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    '',
    'application/x-www-form-urlencoded',
    'application/xml',
  ],
  ...[
    'multipart/form-data',
    'APPLICATION/JSON',
    'application/json;;;',
    'a/b/c',
    '*/*',
    'application/json\r\nx-injected: 1',
  ],
];
const headerTricks: readonly string[] = [
  ...[
    'x-request-id: ' + 'i'.repeat(200),
    'x-request-id: a\tb',
    'x-request-id: <script>',
    'x-request-id: ñ',
    'x-request-id: sid_1',
  ],
  ...[
    'x-forwarded-for: 127.0.0.1',
    'x-namespace-id: victim',
    'x-ow-extra-logging: on',
    'host: evil',
    'expect: 100-continue',
  ],
  ...[
    'accept: text/html',
    'accept: ;;q=',
    'accept-encoding: gzip',
    'connection: upgrade\r\nupgrade: websocket',
    'content-length: 5',
  ],
  ...[
    'transfer-encoding: chunked',
    'authorization: Basic !!!',
    'cookie: a=b',
    'x-y: ' + 'z'.repeat(20_000),
    'te: trailers',
    ': empty',
  ],
  ...[
    'range: bytes=0-1',
    'if-none-match: *',
    'x-http-method-override: DELETE',
    'x-require-whisk-auth: 1',
    'content-encoding: gzip',
  ],
];

export class Malformed {
  private readonly random: Random;
  private readonly operations: readonly { path: string; method: string; operation: Operation }[];

  constructor(
    seed: number,
    private readonly document: OpenApi,
    private readonly names: Names,
    private readonly authorization: string,
  ) {
    this.random = seededRandom(seed);
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  /** The bytes of one request; it asks that the connection be closed. */
  next(): Buffer {
    const { path, method, operation } = this.pick(this.operations);
    const target = `${this.path(path)}${this.query(operation)}`;
    const verb = this.chance(0.06)
      ? this.pick(['PATCH', 'TRACE', 'HEAD', 'OPTIONS', 'CONNECT', 'get', 'BREW', 'POST'])
      : method.toUpperCase();
    const body = this.body(operation);
    const lines = [`${verb} ${target} HTTP/1.1`, 'host: h', 'connection: close'];
    if (!this.chance(0.08)) lines.push(`authorization: ${this.authorization}`);
    if (body !== undefined) lines.push(`content-type: ${this.chance(0.7) ? 'application/json' : this.pick(types)}`);
    if (body !== undefined) lines.push(`content-length: ${body.length}`);
    if (this.chance(0.3)) lines.push(this.pick(headerTricks));
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), body ?? Buffer.alloc(0)]);
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }

  private chance(part: number): boolean {
    return this.random() < part;
  }

  private path(template: string): string {
    const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (this.chance(0.3)) return this.pick(hostile);
      if (name === 'namespace') return this.pick(this.names.namespaces);
      if (name === 'activationId')
        return this.pick(['0'.repeat(32), 'g'.repeat(32), 'a', 'A'.repeat(32), '0'.repeat(33)]);
      return this.pick(this.names.entities);
    });
    if (!this.chance(0.1)) return filled;
    return this.pick([
      `/${filled}`,
      `${filled}/`,
      `${filled}/x/y/z`,
      filled.replaceAll('/', '//'),
      filled.slice(0, -1),
      `${filled}/../..`,
      `${filled};a=b`,
      `${filled}#x`,
    ]);
  }

  private query(operation: Operation): string {
    const names = operation.parameters.flatMap((one) => (one.in === 'query' ? [one.name] : []));
    const parts = names.flatMap((name) => {
      if (this.chance(0.5)) return [];
      return [
        `${name}=${this.chance(0.4) ? this.pick(['true', 'false', '1', '0']) : this.pick(hostile).replace(/[ #]/g, '')}`,
      ];
    });
    if (this.chance(0.1))
      parts.push(this.pick(['&&', '=', 'limit[]=1', 'limit=1&limit=2', '__proto__=1', '%', 'a=%ff']));
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
  }

  private body(operation: Operation): Buffer | undefined {
    const schema = operation.requestBody?.content['application/json'].schema;
    if (schema === undefined && this.chance(0.9)) return undefined;
    if (this.chance(0.05)) return undefined;
    const text = JSON.stringify(this.value(schema ?? {}, 0)) ?? 'null';
    switch (Math.floor(this.random() * 14)) {
      case 0:
        return Buffer.from(text.slice(0, Math.floor(this.random() * text.length)));
      case 1:
        return Buffer.from(`${text}${text}`);
      case 2:
        return Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]);
      case 3:
        return Buffer.from(text, 'utf16le');
      case 4:
        return Buffer.from(`${'['.repeat(20_000)}${']'.repeat(this.chance(0.5) ? 20_000 : 0)}`);
      case 5:
        return Buffer.from(`{"a":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`);
      case 6:
        return Buffer.from(
          `{"parameters":[{"key":"big","value":"${'b'.repeat(this.chance(0.1) ? 1_100_000 : 2_000)}"}]}`,
        );
      case 7:
        return Buffer.from('{"__proto__":{"exec":{"kind":"nodejs:20"}},"constructor":{"prototype":{"x":1}}}');
      default:
        return Buffer.from(text);
    }
  }

  private value(schema: Schema, depth: number): unknown {
    if (schema.$ref !== undefined)
      return this.value(this.document.components.schemas[schema.$ref.split('/').pop()!]!, depth);
    if (this.chance(0.25)) return this.junk();
    if (schema.properties !== undefined) {
      const entries = Object.entries(schema.properties).filter(() => this.chance(0.6));
      return Object.fromEntries(entries.map(([name, member]) => [name, this.value(member, depth + 1)]));
    }
    if (schema.items !== undefined && depth < 6) {
      return Array.from({ length: Math.floor(this.random() * 4) }, () => this.value(schema.items!, depth + 1));
    }
    if (schema.enum !== undefined) return this.pick(schema.enum);
    if (schema.type === 'string')
      return this.pick([
        'nodejs:20',
        'nodejs:default',
        'sequence',
        'blackbox',
        '/_/one',
        '/victim/hidden',
        'victim/hidden',
        ...hostile,
      ]);
    if (schema.type === 'boolean') return this.chance(0.5);
    if (schema.type === 'integer') return this.pick([0, -1, 1, 128, 1e308, 1.5, 2 ** 53, 100]);
    return this.junk();
  }

  private junk(): unknown {
    return this.pick<unknown>([
      ...[
        null,
        true,
        0,
        -1,
        1.5,
        1e308,
        '',
        'x',
        [],
        {},
        [[]],
        [null],
        { a: null },
        '\u0000',
        '\ud800',
        'x'.repeat(5_000),
      ],
      ...[
        { key: 1, value: 2 },
        [{ key: 'a' }],
        [{ value: 1 }],
        { path: 'victim', name: 'hidden' },
        { $ref: '#' },
        [1, 'a', {}],
      ],
    ]);
  }
}
