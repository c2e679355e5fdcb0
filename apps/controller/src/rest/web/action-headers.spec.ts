import fc from 'fast-check';
import { messages } from '#entity';
import { readActionHeaders } from './action-headers';

describe('headers that an action gives', () => {
  it('may be strings, numbers, booleans and lists of them', () => {
    const { fields, contentType } = readActionHeaders({
      'X-A': '1',
      'X-B': ['b1', ['b2', 3]],
      'X-N': 5,
      'X-T': true,
      'X-Empty': [],
      'Content-Type': ['text/plain', 'text/html'],
    });
    expect(fields).toEqual(['X-A', '1', 'X-B', 'b1', 'X-B', 'b2', 'X-B', '3', 'X-N', '5', 'X-T', 'true']);
    expect(contentType).toBe('text/plain');
  });

  it('may be absent', () => expect(readActionHeaders(undefined)).toEqual({ fields: [], contentType: undefined }));

  it.each(['x', 5, null, [], { 'X-O': { a: 1 } }, { 'X-N': null }, { 'X-L': ['a', null] }])('cannot be %j', (given) => {
    expect(() => readActionHeaders(given)).toThrow(
      expect.objectContaining({ status: 400, message: messages.invalidMedia('message/http') }) as Error,
    );
  });

  it.each([
    { 'X-A': 'a\r\nSet-Cookie: b=1' },
    { 'X-A': 'a\nb' },
    { 'X-A': 'a\rb' },
    { 'X-A': 'a\u0000b' },
    { 'X-A\r\nX-B': 'a' },
    { 'X A': 'a' },
    { 'X-A:': 'a' },
    { '': 'a' },
    { 'X-é': 'a' },
    { 'Content-Length': '1' },
    { 'transfer-encoding': 'chunked' },
    { Connection: 'close' },
    { Date: 'now' },
    { Server: 'x' },
    { Trailer: 'x' },
    { Upgrade: 'websocket' },
  ])('are left out where they cannot be sent: %j', (given) => {
    expect(readActionHeaders({ ...given, 'X-Ok': 'yes' }).fields).toEqual(['X-Ok', 'yes']);
  });

  it('are bytes of UTF-8 beyond ASCII, so that no character becomes a line break', () => {
    const [, value] = readActionHeaders({ 'X-A': 'é\u010a\u010d☃' }).fields;
    expect(Buffer.from(value!, 'latin1').toString('utf8')).toBe('é\u010a\u010d☃');
  });

  it('are header lines, whatever was given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (given) => {
        const { fields } = readActionHeaders(given);
        for (const [index, text] of fields.entries()) {
          expect(text).toMatch(index % 2 === 0 ? /^[!-9;-~]+$/ : /^[\t\x20-\x7e\x80-\xff]*$/);
        }
      }),
    );
  });

  it('may be nested as deeply as a result can be', () => {
    const deep = `{"X-A":${'['.repeat(200_000)}"a"${']'.repeat(200_000)}}`;
    expect(readActionHeaders(JSON.parse(deep)).fields).toEqual(['X-A', 'a']);
  });
});
