import fc from 'fast-check';
import { membersOf, mergedText, nestingOf, objectText } from './json-members';

const objects = fc.dictionary(fc.string(), fc.jsonValue());

it.each([0, 1, 2, '\t'])('takes apart what JSON.stringify writes with an indent of %j', (indent) => {
  fc.assert(
    fc.property(objects, (object) => {
      // By way of text, since -0 and keys such as __proto__ do not survive it.
      const text = JSON.stringify(object, undefined, indent);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      const members = membersOf(text)!;
      expect([...members.keys()].sort()).toEqual(Object.keys(parsed).sort());
      for (const [key, value] of members) expect(JSON.parse(value)).toEqual(parsed[key]);
      expect(JSON.parse(objectText(members))).toEqual(parsed);
    }),
  );
});

it('merges as an object spread does', () => {
  fc.assert(
    fc.property(objects, objects, (under, over) => {
      const [a, b] = [JSON.stringify(under), JSON.stringify(over)];
      expect(JSON.parse(mergedText(a, b))).toEqual({
        ...(JSON.parse(a) as object),
        ...(JSON.parse(b) as object),
      });
    }),
  );
});

it('keeps numbers digit by digit, and the last of two equal keys', () => {
  expect(mergedText('{"n":12345678901234567890,"m":1e400}', '{"k":1.10,"k":2.0}')).toBe(
    '{"n":12345678901234567890,"m":1e400,"k":2.0}',
  );
});

it.each(['[1]', '1', '"{}"', ''])('finds no members in %j', (text) => expect(membersOf(text)).toBeUndefined());

it('does not run out of stack, however deep a value is nested', () => {
  const deep = '['.repeat(500_000) + ']'.repeat(500_000);
  expect(membersOf(`{ "error": ${deep} }`)!.get('error')).toBe(deep);
  expect(nestingOf(deep, 1_000)).toBe(1_001);
});

it('ends on what is no JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', ' ') }), (text) => {
      try {
        membersOf(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
  );
});
