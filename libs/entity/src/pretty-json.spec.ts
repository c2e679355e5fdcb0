import fc from 'fast-check';
import { prettyJson } from './pretty-json';

describe('pretty JSON', () => {
  it.each([
    ['{"a":1}', '{\n  "a": 1\n}'],
    ['{"a":[1,2],"b":"x, {y}: [\\"z\\"]"}', '{\n  "a": [1, 2],\n  "b": "x, {y}: [\\"z\\"]"\n}'],
    ['{"a":{"b":{"c":null}},"d":true}', '{\n  "a": {\n    "b": {\n      "c": null\n    }\n  },\n  "d": true\n}'],
    ['[{"a":1},{"b":[]}]', '[{\n  "a": 1\n}, {\n  "b": []\n}]'],
    ['{}', '{\n\n}'],
    ['{"a":{ }}', '{\n  "a": {\n\n  }\n}'],
    ['5', '5'],
    ['"a,b"', '"a,b"'],
  ])('lays %s out as OpenWhisk does', (text, pretty) => {
    expect(prettyJson(text)).toBe(pretty);
  });

  it('keeps the digits of numbers', () => {
    expect(prettyJson('{"n":12345678901234567890.10}')).toBe('{\n  "n": 12345678901234567890.10\n}');
  });

  it('says the same, however the text was laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const pretty = prettyJson(JSON.stringify(value, undefined, indent));
        expect(JSON.parse(pretty)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(pretty).toBe(prettyJson(JSON.stringify(value)));
      }),
    );
  });

  it('leaves alone what would grow too much', () => {
    const depth = 100_000;
    const deep = '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    expect(prettyJson(deep)).toBe(deep);
    const wide = `${'{"a":'.repeat(900)}[${'{"":1},'.repeat(50_000)}1]${'}'.repeat(900)}`;
    expect(prettyJson(wide)).toBe(wide);
  });
});
