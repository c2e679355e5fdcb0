import fc from 'fast-check';
import { readText, storedText } from './text-form';

describe('texts in PostgreSQL', () => {
  it('come back as they were, and hold no U+0000 meanwhile', () => {
    const odd = fc.string({ unit: fc.constantFrom('\0', '\uE000', '0', '1', 'a', 'é', '👋') });
    fc.assert(
      fc.property(odd, (text) => {
        const stored = storedText(text);
        expect(stored).not.toContain('\0');
        expect(readText(stored)).toBe(text);
      }),
    );
  });

  it('are stored as they are where they can be', () => {
    expect(storedText('grüße 👋')).toBe('grüße 👋');
  });
});
