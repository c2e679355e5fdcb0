import { isTrue, isTruthy, retriesOf, withSystemAnnotations } from './annotations';
import { initEnvironment, mergeByKey, readAnnotations, readParameters, sizeOfList } from './parameters';

describe('parameters', () => {
  it('collapse duplicates: the last value, at the first place', () => {
    expect(
      readParameters([
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
        { key: 'a', value: 3 },
      ]),
    ).toEqual([
      { key: 'a', value: 3 },
      { key: 'b', value: 2 },
    ]);
  });

  it('keep init, and only if it is true', () => {
    expect(
      readParameters([
        { key: 'a', value: null, init: true },
        { key: '', value: 0, init: false },
      ]),
    ).toEqual([
      { key: 'a', value: null, init: true },
      { key: '', value: 0 },
    ]);
  });

  it('are not there if they were not given', () => {
    expect(readParameters(undefined)).toBeUndefined();
    expect(readParameters(null)).toBeUndefined();
    expect(readParameters([])).toEqual([]);
  });

  it.each([
    { a: 1 },
    'x',
    1,
    [1],
    [{ value: 1 }],
    [{ key: 'a' }],
    [{ key: 1, value: 1 }],
    [{ key: 'a', value: 1, init: 'x' }],
  ])('cannot be %j, neither can annotations', (given) => {
    expect(() => readParameters(given)).toThrow('The request content was malformed:\nparameters malformed!');
    expect(() => readAnnotations(given)).toThrow('The request content was malformed:\nparameters malformed!');
  });

  it('merge with inherited ones first', () => {
    const inherited = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ];
    expect(
      mergeByKey(inherited, [
        { key: 'b', value: 3 },
        { key: 'c', value: 4 },
      ]),
    ).toEqual([
      { key: 'a', value: 1 },
      { key: 'b', value: 3 },
      { key: 'c', value: 4 },
    ]);
  });

  it('weigh keys and compact values in bytes', () => {
    expect(sizeOfList([{ key: 'a', value: 'x'.repeat(1_048_577) }])).toBe(1_048_580);
    expect(sizeOfList([{ key: 'é', value: { a: [1] } }])).toBe(11);
  });

  it('become environment variables if they are init parameters', () => {
    const parameters = [
      { key: 'TEXT', value: 'as it is', init: true as const },
      { key: 'NOTHING', value: null, init: true as const },
      { key: 'LIST', value: [1], init: true as const },
      { key: 'argument', value: 1 },
    ];
    expect(initEnvironment(parameters)).toEqual({ TEXT: 'as it is', NOTHING: '', LIST: '[1]' });
  });
});

describe('annotations', () => {
  it('count as flags only if they are true', () => {
    expect(isTrue([{ key: 'final', value: true }], 'final')).toBe(true);
    expect(isTrue([{ key: 'final', value: 'true' }], 'final')).toBe(false);
    expect(isTrue([], 'final')).toBe(false);
  });

  it.each([
    [true, true],
    [1, true],
    ['false', true],
    [{}, true],
    [[], true],
    [null, false],
    [false, false],
    [0, false],
    ['', false],
  ])('are truthy or not: %j is %p', (value, expected) => {
    expect(isTruthy([{ key: 'conductor', value }], 'conductor', !expected)).toBe(expected);
  });

  it('have a default of their own when absent', () => {
    expect(isTruthy([], 'provide-api-key', true)).toBe(true);
  });

  it.each([
    [3, 3],
    [99, 99],
    [1.5, 0],
    [-1, 0],
    ['3', 0],
  ])('ask for retries: %j is %p', (value, expected) => {
    expect(retriesOf([{ key: 'hearth-retries', value }])).toBe(expected);
  });

  it('name the kind, whatever the user says, and withhold the API key unless the user says otherwise', () => {
    expect(withSystemAnnotations([{ key: 'exec', value: 'foo' }], 'nodejs:20', true)).toEqual([
      { key: 'exec', value: 'nodejs:20' },
      { key: 'provide-api-key', value: false },
    ]);
    expect(withSystemAnnotations([{ key: 'provide-api-key', value: true }], 'nodejs:20', true)[0]!.value).toBe(true);
    expect(withSystemAnnotations([], 'nodejs:20', false)).toEqual([{ key: 'exec', value: 'nodejs:20' }]);
  });
});
