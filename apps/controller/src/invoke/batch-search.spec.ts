// The search for refused records against stores that refuse any set of them, pass away in the midst, or refuse everything.
import fc from 'fast-check';
import { BatchSearch, refusedAloneMost } from './batch-search';

/** Tries until it is over, or `triesMost` times; a part is refused if it has a bad one. Answers the tries. */
function run(search: BatchSearch<number>, isBad: (item: number) => boolean, triesMost = Infinity): number {
  let tries = 0;
  for (let part = search.next; part && tries < triesMost; part = search.next, tries += 1) {
    if (part.some(isBad)) search.refuses(new Error('no'));
    else search.took();
  }
  return tries;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const sorted = (items: readonly number[]): number[] => [...items].sort((a, b) => a - b);

describe('BatchSearch', () => {
  it('tries a batch that is taken once', () => {
    const search = new BatchSearch(upTo(500));
    expect(run(search, () => false)).toBe(1);
    expect([search.taken, search.refused, search.left]).toEqual([upTo(500), [], []]);
  });

  it.each([0, 1, 250, 498, 499])(
    'finds the one refused at %i of 500 in 2 × log2 n tries, and the rest is taken',
    (bad) => {
      const search = new BatchSearch(upTo(500));
      expect(run(search, (item) => item === bad)).toBeLessThanOrEqual(19);
      expect(search.refused.map(({ item }) => item)).toEqual([bad]);
      expect(search.taken).toHaveLength(499);
    },
  );

  it('tries suspects alone and last, so that they keep no other waiting', () => {
    const search = new BatchSearch([1, 2, 3], [8, 9]);
    expect(run(search, (item) => item > 8)).toBe(3);
    expect(search.taken).toEqual([1, 2, 3, 8]);
    expect(search.refused.map(({ item }) => item)).toEqual([9]);
  });

  it('gives up soon on a store that refuses everything', () => {
    const search = new BatchSearch(upTo(500));
    expect(run(search, () => true)).toBeLessThanOrEqual(15);
    expect(search.refused).toHaveLength(refusedAloneMost);
    expect(search.left).toEqual(upTo(500).slice(refusedAloneMost));
  });

  it('loses and doubles none, takes no bad one and blames no good one, wherever it is broken off', () => {
    const batches = fc.record({
      count: fc.nat(60),
      suspects: fc.nat(5),
      bad: fc.array(fc.nat(64)),
      triesMost: fc.nat(150),
    });
    fc.assert(
      fc.property(batches, ({ count, suspects, bad, triesMost }) => {
        const all = upTo(count + suspects);
        const search = new BatchSearch(all.slice(0, count), all.slice(count));
        const tries = run(search, (item) => bad.includes(item), triesMost);
        expect(tries).toBeLessThanOrEqual(2 * all.length);
        const refused = search.refused.map(({ item }) => item);
        expect(sorted([...search.taken, ...refused, ...search.left])).toEqual(all);
        expect(search.taken.filter((item) => bad.includes(item))).toEqual([]);
        expect(refused.filter((item) => !bad.includes(item))).toEqual([]);
        if (search.next === undefined && search.left.length > 0)
          expect([search.taken.length, refused.length]).toEqual([0, refusedAloneMost]);
      }),
    );
  });
});
