import { differ, inFormOf, judge } from './compare';

describe('comparing with a recorded answer', () => {
  it.each([
    ['equal values', { a: [1, 'x', null] }, { a: [1, 'x', null] }],
    ['anything', { a: '{{any}}' }, { a: { deep: [1] } }],
    ['a placeholder inside text', 'id {{activationId}}.', `id ${'0a'.repeat(16)}.`],
    ['a number for its form', '{{timestamp}}', 1_700_000_000_000],
    [
      'key-value lists in any order',
      [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
      [
        { key: 'b', value: 2 },
        { key: 'a', value: 1 },
      ],
    ],
    [
      'a cold start for a warm one',
      [{ key: 'a', value: 1 }],
      [
        { key: 'a', value: 1 },
        { key: 'initTime', value: 4 },
      ],
    ],
    [
      'entities of one millisecond in any order',
      [
        { name: 'a', updated: 1 },
        { name: 'b', updated: 1 },
      ],
      [
        { name: 'b', updated: 1 },
        { name: 'a', updated: 1 },
      ],
    ],
    ['streams that race', ['T stdout: 1', 'T stderr: 2', 'T stdout: 3'], ['T stderr: 2', 'T stdout: 1', 'T stdout: 3']],
  ])('agrees on %s', (_, expected, actual) => {
    expect(differ(expected, actual)).toEqual([]);
  });

  it.each([
    ['another value', { a: 1 }, { a: 2 }],
    ['another type', { a: 1 }, { a: '1' }],
    ['a missing member', { a: 1 }, {}],
    ['a further member', {}, { a: 1 }],
    ['a longer list', [1], [1, 2]],
    ['another order', [1, 2], [2, 1]],
    ['a list for an object', {}, []],
    ['text without the form', '{{activationId}}', 'abc'],
    ['text around a placeholder', 'id {{activationId}}.', `no ${'0a'.repeat(16)}.`],
    ['lines of one stream out of order', ['T stdout: 1', 'T stdout: 3'], ['T stdout: 3', 'T stdout: 1']],
    ['another value of a key', [{ key: 'a', value: 1 }], [{ key: 'a', value: 2 }]],
  ])('complains about %s', (_, expected, actual) => {
    expect(differ(expected, actual)).not.toEqual([]);
  });

  const given = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, bytes: Buffer.from('ok') };

  it('allows further headers and another spelling of the content type', () => {
    expect(judge({ status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, text: 'ok' }, given)).toEqual(
      [],
    );
  });

  it('complains about status, headers and text', () => {
    expect(judge({ status: 201 }, given)).toHaveLength(1);
    expect(judge({ status: 200, headers: { allow: 'GET' } }, given)).toHaveLength(1);
    expect(judge({ status: 200, text: 'no' }, given)).toHaveLength(1);
    expect(judge({ status: 200, body: 'ok' }, given)).toHaveLength(1);
  });

  it('knows an expected complaint by its form, and no other', () => {
    const expected = ['status: expected 200, got 404 "{{transid}}"', '.a: missing'];
    expect(inFormOf(expected, ['status: expected 200, got 404 "xyz"', '.a: missing'])).toEqual(expected);
    expect(inFormOf(expected, ['status: expected 200, got 500 "xyz"', '.a: missing'])).not.toEqual(expected);
    expect(inFormOf(expected, ['status: expected 200, got 404 "xyz"'])).not.toEqual(expected);
    expect(inFormOf(expected, [...expected, '.b: missing'])).not.toEqual(expected);
  });
});
