import { declaredText, isJsonFamily, parseMediaType, sentText } from './media-types';

describe('media types', () => {
  it.each([
    // given, kind, JSON family, as shown to an action, as sent
    ['text/html', 'open', false, 'text/html', 'text/html; charset=UTF-8'],
    ['Text/HTML; Charset=iso-8859-1', 'open', false, 'text/html; charset=ISO-8859-1', 'text/html; charset=UTF-8'],
    ['text/plain;charset="utf-8"', 'open', false, 'text/plain; charset=UTF-8', 'text/plain; charset=UTF-8'],
    [
      'text/plain; format=flowed',
      'open',
      false,
      'text/plain; format=flowed',
      'text/plain; format=flowed; charset=UTF-8',
    ],
    ['application/json', 'fixed', true, 'application/json', 'application/json'],
    ['application/json; charset=utf-8', 'fixed', true, 'application/json', 'application/json'],
    ['application/vnd.api+json', 'fixed', true, 'application/vnd.api+json', 'application/vnd.api+json'],
    ['application/vnd.x+json', 'binary', true, 'application/vnd.x+json', 'application/vnd.x+json'],
    [
      'application/x-www-form-urlencoded',
      'fixed',
      false,
      ...Array<string>(2).fill('application/x-www-form-urlencoded'),
    ],
    ['application/octet-stream', 'binary', false, ...Array<string>(2).fill('application/octet-stream')],
    ['image/svg+xml', 'binary', false, ...Array<string>(2).fill('image/svg+xml')],
    ['multipart/form-data; boundary=X', 'binary', false, ...Array<string>(2).fill('multipart/form-data; boundary=X')],
    // not on the list: bytes, unless a charset says that it is text
    ['text/x-unheard-of', 'binary', false, 'text/x-unheard-of', 'text/x-unheard-of'],
    [
      'application/x-yaml; charset=utf-8',
      'open',
      false,
      'application/x-yaml; charset=UTF-8',
      'application/x-yaml; charset=UTF-8',
    ],
  ])('%s', (given, kind, isFamily, declared, sent) => {
    const type = parseMediaType(given)!;
    expect(type.kind).toBe(kind);
    expect(isJsonFamily(type)).toBe(isFamily);
    expect(declaredText(type)).toBe(declared);
    expect(sentText(type)).toBe(sent);
  });

  it.each([
    '',
    'xyz',
    'a/',
    '/b',
    'text/html;',
    'text/html; x',
    'text/html x=1',
    'text/html; x="',
    'text /html',
    'a/b\r\nX: y',
  ])('%p is none', (given) => expect(parseMediaType(given)).toBeUndefined());

  it('are read in linear time', () => {
    const begun = performance.now();
    expect(parseMediaType(`text/html${'; a="\\'.repeat(100_000)}`)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
