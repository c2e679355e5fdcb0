import { defaultLimits } from '#limits';
import { afterOrder, type StemCellOrder } from './stem-cell-orders';

const kinds = new Set(['nodejs:20', 'python:3']);
const limits = { ...defaultLimits, stemCellsPerNodeCount: 10, stemCellSettingsCount: 2 };
const order = (changes: Partial<StemCellOrder> = {}): StemCellOrder => ({
  kind: 'nodejs:20',
  memoryMb: 256,
  count: 3,
  asConfigured: false,
  ...changes,
});
const set = { kind: 'nodejs:20', memoryMb: 256, count: 1 };
const other = { kind: 'python:3', memoryMb: 256, count: 1 };

describe('an order for stem cells', () => {
  it('takes the place of the one for the same kind and memory, and leaves the others', () => {
    expect(afterOrder(order(), [set, other], kinds, limits)).toEqual([other, { ...set, count: 3 }]);
    expect(afterOrder(order({ count: 0 }), [], kinds, limits)).toEqual([{ ...set, count: 0 }]);
  });

  it('can be taken back, also for a kind that no node offers any more', () => {
    expect(afterOrder(order({ asConfigured: true }), [set, other], new Set(), limits)).toEqual([other]);
  });

  it.each([
    [order({ kind: 'perl:5' }), 'no node offers the kind "perl:5"; there are nodejs:20, python:3.'],
    [order({ memoryMb: 64 }), 'no action has 64 MB; give 128 to 512 MB.'],
    [order({ count: 11 }), '11 stem cells on each node are too many; give at most 10.'],
    [
      order({ memoryMb: 512 }),
      '2 kinds and memories are set already; set one of them back to the configuration first.',
    ],
  ])('%j is refused in one sentence', (asked, sentence) => {
    expect(afterOrder(asked, [set, other], kinds, limits)).toBe(sentence);
  });
});
