import { isBinary, readExec, showExec } from './exec';
import { manifestFile } from './manifest-under-test';
import { readRuntimesManifest } from './runtimes-manifest';

const manifest = readRuntimesManifest(manifestFile);
const read = (exec: unknown) => readExec(exec, manifest, 'guest');
const main = 'function main(){}';

describe('exec', () => {
  it.each<[string, unknown, object]>([
    [
      'the default of a family',
      { kind: 'nodejs:default', code: main },
      { kind: 'nodejs:20', code: main, binary: false },
    ],
    ['a kind in other letters', { kind: ' NodeJS:20 ', code: main }, { kind: 'nodejs:20', code: main, binary: false }],
    [
      'archives',
      { kind: 'nodejs:20', code: 'UEsDBA==', binary: false },
      { kind: 'nodejs:20', code: 'UEsDBA==', binary: true },
    ],
    [
      'empty code and main',
      { kind: 'nodejs:20', code: '', main: '' },
      { kind: 'nodejs:20', code: '', binary: false, main: '' },
    ],
    [
      'no image for managed kinds',
      { kind: 'nodejs:20', code: main, image: 'x' },
      { kind: 'nodejs:20', code: main, binary: false },
    ],
    [
      'an image',
      { kind: 'blackbox', image: 'user/image:1.2' },
      { kind: 'blackbox', image: 'user/image:1.2', binary: false },
    ],
    [
      'an image with code',
      { kind: 'blackbox', image: 'host.example:5000/u/i', code: '#!/bin/sh', main: 'm' },
      { kind: 'blackbox', image: 'host.example:5000/u/i', binary: false, code: '#!/bin/sh', main: 'm' },
    ],
    [
      'an image with blank code',
      { kind: 'blackbox', image: 'i', code: ' ' },
      { kind: 'blackbox', image: 'i', binary: false },
    ],
    [
      'a sequence',
      { kind: 'sequence', components: ['/_/a', 'guest/p/b', { path: '_', name: 'c' }] },
      { components: ['/guest/a', '/guest/p/b', '/guest/c'], kind: 'sequence' },
    ],
  ])('reads %s', (_, given, shown) => {
    const { exec, code } = read(given)!;
    expect(showExec(exec, code)).toEqual(shown);
    expect(exec).not.toHaveProperty('code');
  });

  it('is not there if it was not given', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read(null)).toBeUndefined();
  });

  it('says that a kind is deprecated', () => {
    expect(read({ kind: 'nodejs:6', code: main })?.isDeprecated).toBe(true);
  });

  it.each<[unknown, string]>([
    ['x', 'JSON object expected'],
    [{ code: main }, "'kind' must be a string defined in 'exec'"],
    [{ kind: 5, code: main }, "'kind' must be a string defined in 'exec'"],
    [
      { kind: 'nodejs', code: main },
      "The specified runtime 'nodejs' is not supported by this platform. Valid values are: " +
        "'nodejs:18', 'nodejs:20', 'nodejs:6', 'java:8', 'blackbox', 'sequence'.",
    ],
    [
      { kind: 'nodejs:default' },
      "'code' must be a string or attachment object defined in 'exec' for 'nodejs:20' actions",
    ],
    [{ kind: 'nodejs:20', code: 5 }, 'Could not deserialize as attachment record: 5'],
    [{ kind: 'nodejs:20', code: null }, 'Could not deserialize as attachment record: null'],
    [{ kind: 'nodejs:20', code: main, main: 1 }, "if defined, 'main' be a string in 'exec' for 'nodejs:20' actions"],
    [{ kind: 'java:8', code: 'x' }, "'main' must be a string defined in 'exec' for 'java:8' actions"],
    [{ kind: 'blackbox', code: 'x' }, "'image' must be a string defined in 'exec' for 'blackbox' actions"],
    [{ kind: 'blackbox', image: 'a b' }, 'could not parse image name'],
    [{ kind: 'blackbox', image: 'A/' }, 'could not parse image name'],
    [{ kind: 'sequence' }, "'components' must be defined for sequence kind"],
    [{ kind: 'sequence', components: '/_/a' }, "'components' must be an array"],
    [
      { kind: 'sequence', components: ['a'] },
      'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.',
    ],
  ])('refuses %j', (given, detail) => {
    const message = `The request content was malformed:\n${detail}`;
    expect(() => read(given)).toThrow(expect.objectContaining({ status: 400, cors: false, message }) as Error);
  });
});

describe('binary code', () => {
  it.each(['abcd', 'UEsDBA==', ' UEsDBAo= \n'])('is %p', (code) => expect(isBinary(code)).toBe(true));
  it.each(['', 'abc', 'a===', 'ab=c', main, 'not base 64 !!!!'])('is not %p', (code) =>
    expect(isBinary(code)).toBe(false),
  );

  it('may be as large as code may be', () => {
    expect(isBinary('A'.repeat(48 * 1024 * 1024))).toBe(true);
  });
});
