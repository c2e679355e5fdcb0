// What every log store does. Run by each database's spec.
import { eachTestWith, type MakeUnderTest } from './under-test';

const activationId = 'a'.repeat(32);

export function describeLogStore(make: MakeUnderTest): void {
  describe('log store', () => {
    const test = eachTestWith(make);
    const logs = () => test.current.stores.logs;

    it('reads lines back in the order in which they were written', async () => {
      await logs().append([
        { namespace: 'guest', activationId, lines: ['one', 'two'] },
        { namespace: 'guest', activationId: 'b'.repeat(32), lines: ['else'] },
        { namespace: 'guest', activationId, lines: ['three'] },
      ]);
      await logs().append([{ namespace: 'guest', activationId, lines: [] }]);
      await logs().append([{ namespace: 'guest', activationId, lines: ['four'] }]);
      expect(await logs().read('guest', activationId)).toEqual(['one', 'two', 'three', 'four']);
    });

    it('has none where none were written, and keeps namespaces apart', async () => {
      await logs().append([]);
      await logs().append([{ namespace: 'forger', activationId, lines: ['forged'] }]);
      expect(await logs().read('guest', activationId)).toEqual([]);
      expect(await logs().read('forger', activationId)).toEqual(['forged']);
    });

    it('keeps every character, and many rows of one batch in order', async () => {
      const odd = ['grüße 👋', 'nul \u0000 in it', 'lone \ud800 surrogate', 'a\nb', '', '\u2028"\\'];
      const many = Array.from({ length: 333 }, (_, index) => ({
        namespace: 'guest',
        activationId,
        lines: [`line ${index}`],
      }));
      await logs().append([{ namespace: 'guest', activationId, lines: odd }, ...many]);
      expect(await logs().read('guest', activationId)).toEqual([...odd, ...many.map(({ lines }) => lines[0])]);
    });
  });
}
