// A bag against a set, over the sizes at which it changes what it is.
import fc from 'fast-check';
import { Bag } from './bag';

describe('a bag', () => {
  it('holds what was added and not deleted, whatever its size', () => {
    const item = fc.nat({ max: 150 });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constant('add' as const), item) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), item) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
        const [bag, set] = [new Bag<number>(), new Set<number>()];
        for (const [verb, value] of steps) {
          if (verb === 'delete') expect(bag.delete(value)).toBe(set.delete(value));
          else if (!set.has(value)) {
            bag.add(value);
            set.add(value);
          }
          expect([bag.size, bag.has(value)]).toEqual([set.size, set.has(value)]);
        }
        expect([...bag].sort((left, right) => left - right)).toEqual([...set].sort((left, right) => left - right));
      }),
      { numRuns: 100 },
    );
  });

  it('is empty at first and after its last item', () => {
    const bag = new Bag<string>();
    expect([[...bag], bag.size, bag.has('a'), bag.delete('a')]).toEqual([[], 0, false, false]);
    bag.add('a');
    expect([...bag]).toEqual(['a']);
    expect(bag.delete('a')).toBe(true);
    expect([[...bag], bag.size]).toEqual([[], 0]);
  });

  it.each([64, 65, 200])('goes through %i items and back to none', (count) => {
    const bag = new Bag<number>();
    for (let at = 0; at < count; at += 1) bag.add(at);
    expect(new Set(bag).size).toBe(count);
    for (let at = 0; at < count; at += 1) expect(bag.delete(at)).toBe(true);
    expect(bag.size).toBe(0);
  });
});
