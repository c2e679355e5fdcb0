// Web actions: what becomes of what they answer.
import { annotated, nodejs, type Row, type Table } from './row';

const web = annotated({ 'web-export': true });
const exported = (code: string, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): unknown =>
  nodejs(code, { annotations: [...web, ...annotated(more)], ...rest });
const base = '/api/v1/web/guest/default';
const processing = 'There was an error processing your request.';

/** An answer of the action: `k` says which of its results. */
const fix = (rule: string, k: string, extension: string, answer: Partial<Row> & { status: number }): Row => {
  const { error, ...rest } = answer;
  return {
    rule,
    ask: `GET ${base}/w-fix${extension}?k=${k}`,
    as: 'nobody',
    cors: 'web',
    ran: true,
    ...rest,
    // Errors of this layer are laid out for people.
    ...(error !== undefined && { error }),
  };
};
const invalid = (type: string): { status: number; error: string } => ({
  status: 400,
  error: `Response is not valid '${type}'.`,
});
const fixes = `function main({ k }) {
  const results = {
    text: { body: 'plain' }, html: { body: '<b>x</b>' }, own: { html: '<i>x</i>', svg: '<svg/>', text: 't' },
    obj: { body: { a: [1, { b: 2 }] } }, list: { body: [1, 2] }, num: { body: 7 }, bool: { body: false }, nul: { body: null }, blank: { body: '' }, none: {},
    c201: { statusCode: 201, body: 'made' }, c444: { statusCode: 444, body: 'x' }, cs: { statusCode: '203', body: 'x' }, cx: { statusCode: 'abc', body: 'x' }, cf: { statusCode: 200.5, body: 'x' }, c99: { statusCode: 99 }, c600: { statusCode: 1000 }, cn: { statusCode: null, body: 'x' }, c204: { statusCode: 200, body: '' },
    redirect: { statusCode: 302, headers: { location: 'http://elsewhere.example/' } },
    headers: { headers: { 'X-Text': 'a', 'X-Number': 5, 'X-Bool': true, 'Set-Cookie': ['a=1', 'b=2'] }, body: 'x' },
    hbad: { headers: { x: { y: 1 } }, body: 'x' }, hlist: { headers: [1], body: 'x' }, htext: { headers: 'x', body: 'x' }, hnul: { headers: { x: null }, body: 'x' },
    json: { headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }, json64: { headers: { 'content-type': 'application/json' }, body: Buffer.from('{"a":1}').toString('base64') }, jsonobj: { headers: { 'content-type': 'application/vnd.x+json' }, body: { a: 1 } },
    textobj: { headers: { 'content-type': 'text/plain' }, body: { a: 1 } }, ctbad: { headers: { 'content-type': 'no type' }, body: 'x' }, css: { headers: { 'content-type': 'text/css' }, body: 'a{}' }, latin: { headers: { 'content-type': 'text/html; charset=ISO-8859-1' }, body: 'ü' },
    png: { headers: { 'content-type': 'image/png' }, body: 'aGVsbG8=' }, pngbad: { headers: { 'content-type': 'image/png' }, body: 'not base64!' }, octet: { headers: { 'content-type': 'application/octet-stream' }, body: 'AAEC' },
    err: { error: 'broken' }, errobj: { error: { statusCode: 404, headers: { 'x-e': '1' }, body: 'gone' } }, errnum: { error: 5 },
  };
  if (k === 'throw') throw new Error('x');
  if (k === 'string') return 'text';
  return results[k];
}`;

export const webResultTables: Table[] = [
  {
    section: '4.3',
    title: 'from results to answers (R19, A29, A30)',
    given: [{ ask: 'PUT actions/w-fix', send: exported(fixes) }],
    rows: [
      ...['', '.http'].flatMap((extension) => [
        fix('a text is HTML', 'text', extension, {
          status: 200,
          text: 'plain',
          headers: { 'content-type': 'text/html; charset=UTF-8' },
        }),
        fix('an object is JSON', 'obj', extension, {
          status: 200,
          body: { a: [1, { b: 2 }] },
          headers: { 'content-type': 'application/json' },
        }),
        fix('a list is JSON', 'list', extension, { status: 200, body: [1, 2] }),
        fix('a number is JSON', 'num', extension, { status: 200, body: 7 }),
        fix('a boolean is JSON', 'bool', extension, { status: 200, body: false }),
        ...['nul', 'blank', 'none', 'own'].map((k) => fix('no body', k, extension, { status: 204, text: '' })),
        fix('a status', 'c201', extension, { status: 201, text: 'made' }),
        fix('an unusual one', 'c444', extension, { status: 444, text: 'x' }),
        fix('a numeric text', 'cs', extension, { status: 203, text: 'x' }),
        ...['cx', 'cf', 'c99', 'c600'].map((k) => fix('none', k, extension, invalid('message/http'))),
        fix('without body and with 200: 200', 'c204', extension, { status: 200, text: '' }),
        fix('a redirect', 'redirect', extension, {
          status: 302,
          headers: { location: 'http://elsewhere.example/', 'content-type': undefined },
        }),
        fix('headers', 'headers', extension, {
          status: 200,
          headers: { 'x-text': 'a', 'x-number': '5', 'x-bool': 'true', 'set-cookie': ['a=1', 'b=2'] },
        }),
        ...['hbad', 'hlist', 'htext'].map((k) => fix('headers that are none', k, extension, invalid('message/http'))),
        fix('JSON that is text goes as it is', 'json', extension, { status: 200, text: '{"a":1}' }),
        fix('… and in base64 is decoded', 'json64', extension, { status: 200, text: '{"a":1}' }),
        fix('a relative of JSON', 'jsonobj', extension, { status: 200, body: { a: 1 } }),
        fix('an object and another type', 'textobj', extension, {
          status: 400,
          error: 'Response type in header did not match generated content type.',
        }),
        fix('no type', 'ctbad', extension, { status: 400, error: 'Response did not specify a known content-type.' }),
        fix('text of another type', 'css', extension, {
          status: 200,
          text: 'a{}',
          headers: { 'content-type': 'text/css; charset=UTF-8' },
        }),
        fix('another charset is replaced', 'latin', extension, {
          status: 200,
          text: 'ü',
          headers: { 'content-type': 'text/html; charset=UTF-8' },
        }),
        fix('bytes', 'png', extension, { status: 200, text: 'hello', headers: { 'content-type': 'image/png' } }),
        fix('bytes', 'octet', extension, { status: 200, text: '\u0000\u0001\u0002' }),
        fix('bytes that are none', 'pngbad', extension, {
          status: 400,
          error: 'Response type in header did not match generated content type.',
        }),
        fix('an error that is a text', 'err', extension, invalid('message/http')),
        fix('an error that is a number', 'errnum', extension, invalid('message/http')),
        fix('an error that is an answer', 'errobj', extension, { status: 404, text: 'gone', headers: { 'x-e': '1' } }),
        ...['throw', 'string'].map((k) => fix('another failure', k, extension, { status: 400, error: processing })),
      ]),
      fix('.json: the whole, laid out', 'c201', '.json', {
        status: 200,
        text: '{\n  "statusCode": 201,\n  "body": "made"\n}',
        headers: { 'content-type': 'application/json' },
      }),
      fix('.json: lists inline', 'list', '.json', { status: 200, text: '{\n  "body": [1, 2]\n}' }),
      fix('.json: an error that is an object, with 200', 'errobj', '.json', {
        status: 200,
        body: { statusCode: 404, headers: { 'x-e': '1' }, body: 'gone' },
      }),
      ...['err', 'errnum'].map((k) => fix('.json: another error', k, '.json', invalid('application/json'))),
      ...(['html', 'svg'] as const).flatMap((extension) => {
        const type = extension === 'html' ? 'text/html' : 'image/svg+xml';
        const declared = {
          'content-type': expect.stringMatching(new RegExp(`^${type.replace('+', '\\+')}`)) as unknown,
        };
        return [
          fix(`.${extension}: body`, 'text', `.${extension}`, { status: 200, text: 'plain', headers: declared }),
          fix(`.${extension}: else its own`, 'own', `.${extension}`, {
            status: 200,
            text: extension === 'html' ? '<i>x</i>' : '<svg/>',
            headers: declared,
          }),
          fix(`.${extension}: an error that is a text`, 'err', `.${extension}`, {
            status: 200,
            text: 'broken',
            headers: declared,
          }),
          ...['obj', 'num', 'nul', 'none', 'errobj']
            .filter((k) => k !== 'errobj')
            .map((k) => fix(`.${extension}: no text`, k, `.${extension}`, invalid(type))),
          fix(`.${extension}: another failure`, 'throw', `.${extension}`, { status: 400, error: processing }),
        ];
      }),
      fix('.text: body', 'text', '.text', {
        status: 200,
        text: 'plain',
        headers: { 'content-type': 'text/plain; charset=UTF-8' },
      }),
      fix('.text: else its own', 'own', '.text', { status: 200, text: 't' }),
      fix('.text: an object laid out', 'obj', '.text', { status: 200, text: '{\n  "a": [1, {\n    "b": 2\n  }]\n}' }),
      fix('.text: a list', 'list', '.text', { status: 200, text: '[1, 2]' }),
      fix('.text: a number', 'num', '.text', { status: 200, text: '7' }),
      fix('.text: a boolean', 'bool', '.text', { status: 200, text: 'false' }),
      fix('.text: nothing', 'none', '.text', { status: 404, error: 'Response does not include requested property.' }),
      fix('.text: an error', 'err', '.text', { status: 200, text: 'broken' }),
      fix('.text: an error that is a number', 'errnum', '.text', { status: 200, text: '5' }),
    ],
  },
];
