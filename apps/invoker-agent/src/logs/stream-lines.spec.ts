import fc from 'fast-check';
import { StreamLines } from './stream-lines';

const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const id = (n: number) => String(n).padStart(32, '0');

/** Feeds the chunks and answers lines as text and ends as [id]. */
function read(
  chunks: Buffer[],
  { lineBytes = 100, isStamped = true, finish = false } = {},
): (string | [string | undefined])[] {
  const seen: (string | [string | undefined])[] = [];
  const lines = new StreamLines(lineBytes, isStamped, {
    isFull: false,
    line: (text) => seen.push(text),
    end: (activationId) => seen.push([activationId]),
  });
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    lines.push(reused);
    reused.fill('?');
  }
  if (finish) lines.finish();
  return seen;
}

const whole = (text: string | Buffer, options = {}) => read([Buffer.from(text)], options);

describe('lines of a stream', () => {
  it.each([
    ['whole lines', 'a\nb\n', ['a', 'b']],
    ['empty lines', '\n\na\n', ['', '', 'a']],
    ['a line without its newline is not one yet', 'a\nb', ['a']],
    ['a sentinel', `a\n${sentinel} ${id(1)}\nb\n`, ['a', [id(1)], 'b']],
    ['a sentinel behind text without a newline', `a${sentinel} ${id(1)}\n`, ['a', [id(1)]]],
    ['many sentinels', `${sentinel} ${id(1)}\n${sentinel} ${id(2)}\n`, [[id(1)], [id(2)]]],
    ['the bare text is output', `${sentinel}\n`, [sentinel]],
    [
      'and so is one with something else behind it',
      `${sentinel} ${'z'.repeat(32)}\n`,
      [`${sentinel} ${'z'.repeat(32)}`],
    ],
    ['output that begins like a sentinel', `${sentinel}${sentinel} ${id(3)}\n`, [sentinel, [id(3)]]],
  ])('%s', (_what, text, expected) => {
    expect(whole(text)).toEqual(expected);
  });

  it('without stamps, the bare text ends an activation', () => {
    expect(whole(`a\n${sentinel}\nb\n`, { isStamped: false })).toEqual(['a', [undefined], 'b']);
  });

  it('what is left at the end of the container is a line', () => {
    expect(whole('a\nb', { finish: true })).toEqual(['a', 'b']);
  });

  it('cuts long lines between characters', () => {
    expect(whole(`${'é'.repeat(6)}\n`, { lineBytes: 5 })).toEqual(['éé', 'éé', 'éé']);
    expect(whole(`${'x'.repeat(12)}\n`, { lineBytes: 5 })).toEqual(['xxxxx', 'xxxxx', 'xx']);
  });

  it('cuts what never ends, and holds little of it', () => {
    const seen = read(
      Array.from({ length: 100 }, () => Buffer.alloc(1_000, 'x')),
      { lineBytes: 100 },
    );
    expect(seen.join('').length).toBeGreaterThan(99_500);
    expect(seen.every((line) => line.length === 100)).toBe(true);
  });

  it('replaces what is no UTF-8', () => {
    expect(whole(Buffer.from([0x61, 0xff, 0x80, 0x80, 0x80, 0x80, 0x0a]))).toEqual(['a\ufffd\ufffd\ufffd\ufffd\ufffd']);
    expect(whole(Buffer.alloc(20, 0x80), { lineBytes: 4, finish: true }).join('')).toBe('\ufffd'.repeat(20));
  });

  it('does not care how the bytes were cut', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', 'a', 'é', '😀', sentinel, ` ${id(7)}\n`, `${sentinel} ${id(8)}\n`, 'XXX_', 'x'.repeat(15)),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''));
          const chunks: Buffer[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          chunks.push(bytes.subarray(at));
          const options = { lineBytes: 1_000, finish: true };
          expect(read(chunks, options)).toEqual(read([bytes], options));
        },
      ),
    );
  });
});
