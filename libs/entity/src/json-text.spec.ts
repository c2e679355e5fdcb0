import fc from 'fast-check';
import { afterString, memberText, withMemberText } from './json-text';

describe('members of JSON text', () => {
  it('finds a member only at the top', () => {
    const text = JSON.stringify({ a: { logs: [1] }, s: '"logs":[]', logs: ['x'], response: { result: { logs: [] } } });
    expect(memberText(text, 'logs')).toBe('["x"]');
    expect(memberText(text, 'result')).toBeUndefined();
  });

  it('keeps what a parser would round', () => {
    expect(memberText('{"response":{"result":{"n":9007199254740993}}}', 'response')).toBe(
      '{"result":{"n":9007199254740993}}',
    );
  });

  it.each(['', '[]', 'null', '{}', '{"a"', '{"a":1 x'])('answers nothing for %p', (text) => {
    expect(memberText(text, 'b')).toBeUndefined();
    expect(withMemberText(text, 'b', '1')).toBe(text);
  });

  it('agrees with a parser on any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        for (const [key, value] of Object.entries(object)) expect(memberText(text, key)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('agrees with a parser whatever the white space', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(1, '\t', '\n '), (object, indent) => {
        const text = ` ${JSON.stringify(object, undefined, indent)} `;
        for (const [key, value] of Object.entries(object)) {
          expect(JSON.stringify(JSON.parse(memberText(text, key)!))).toBe(JSON.stringify(value));
          expect(memberText(text, key)).toBe(memberText(text, key)!.trim());
        }
      }),
    );
  });

  it('replaces one member and leaves the others', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.jsonValue(), (object, value) => {
        const key = Object.keys(object)[0]!;
        const replaced = JSON.parse(withMemberText(JSON.stringify(object), key, JSON.stringify(value))) as object;
        expect(JSON.stringify(replaced)).toBe(JSON.stringify({ ...object, [key]: value }));
      }),
    );
  });
});

describe('the end of a string', () => {
  /** Character by character. */
  function slowly(text: string, at: number): number {
    for (let index = at + 1; index < text.length; index++) {
      if (text[index] === '\\') index++;
      else if (text[index] === '"') return index + 1;
    }
    return text.length;
  }

  it('is where looking at every character finds it, whatever quotes and backslashes there are', () => {
    const piece = fc.constantFrom('"', '\\', '\\\\', 'a', 'ü', ' ');
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (before, after) => {
        const text = `${before.join('')}"${after.join('')}`;
        const at = before.join('').length;
        expect(afterString(text, at)).toBe(slowly(text, at));
      }),
      { numRuns: 2_000 },
    );
  });
});
