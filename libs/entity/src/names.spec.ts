import {
  checkName,
  checkNamespace,
  fullyQualifiedName,
  isName,
  parseFullyQualifiedName,
  resolveReference,
} from './names';

describe('names', () => {
  it.each(['a', '_', '_x', '0', 'a b', 'a.b', 'a@b', 'a&b', 'a-b', 'a-', 'a.', 'default', 'n'.repeat(256)])(
    'allows %p',
    (name) => {
      expect(isName(name)).toBe(true);
      expect(checkName(name)).toBe(name);
    },
  );

  it.each([
    '',
    ' a',
    'a ',
    '-x',
    '.x',
    '@x',
    'a/b',
    'a|b',
    'a$b',
    'a+b',
    'a!b',
    'aé',
    'é',
    'a:b',
    'a~b',
    "a'b",
    'a,b',
    'a\n',
  ])('refuses %p', (name) => {
    expect(isName(name)).toBe(false);
    expect(() => checkName(name)).toThrow('The name of the entity contains illegal characters.');
    expect(() => checkNamespace(name)).toThrow('The namespace contains illegal characters.');
  });

  it('counts before it reads', () => {
    expect(() => checkName('n'.repeat(257))).toThrow('Name segement longer than allowed: 257 > 256.');
    expect(() => checkNamespace('$'.repeat(300))).toThrow('Namespace longer than allowed: 300 > 256.');
  });

  it('refuses with 400 and without CORS headers', () => {
    expect(() => checkName('a$b')).toThrow(expect.objectContaining({ status: 400, cors: false }) as Error);
  });
});

describe('references in bodies', () => {
  it.each([
    ['/guest/a', 'guest/a'],
    ['guest/a', 'guest/a'],
    ['/_/a', 'guest/a'],
    ['/_/pkg/a', 'guest/pkg/a'],
    ['/other/pkg/a', 'other/pkg/a'],
  ])('reads %p as %p', (text, expected) => {
    expect(fullyQualifiedName(resolveReference(text, 'guest'))).toBe(expected);
  });

  it.each(['a', '/a', ''])('refuses %p, which names no namespace', (text) => {
    expect(() => resolveReference(text, 'guest')).toThrow(
      'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.',
    );
  });

  it.each(['/guest/a/b/c', '/guest//a', '/guest/a$', '/gu$est/a'])('refuses %p', (text) => {
    expect(() => resolveReference(text, 'guest')).toThrow(
      /^The request content was malformed:\n.* illegal characters\.$/,
    );
  });
});

describe('fully qualified names', () => {
  it.each(['guest/a', 'guest/pkg/a'])('reads back %p', (text) => {
    expect(fullyQualifiedName(parseFullyQualifiedName(text)!)).toBe(text);
  });

  it.each(['guest', 'a/b/c/d', '/a', 'a/', 'a/b/'])('does not read %p', (text) => {
    expect(parseFullyQualifiedName(text)).toBeUndefined();
  });
});
