// The reclaim order of a node against a plain map, looked at after few changes and after many.
import fc from 'fast-check';
import { SlotHeap } from './node-containers';

describe('the slots of a node in the order of reclaim', () => {
  it('gives the least, whatever was put in, moved and taken out since the last look', () => {
    const slot = fc.nat({ max: 30 });
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(fc.constant('put' as const), slot, fc.constantFrom(-Infinity, 0, 1, 2.5, 7, 9)),
      },
      { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), slot, fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('peek' as const), slot, fc.constant(0)) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const [heap, model] = [new SlotHeap(), new Map<number, number>()];
        const look = (): number | undefined => {
          const least = heap.peek();
          expect(least === undefined).toBe(model.size === 0);
          if (least !== undefined) expect(model.get(least)).toBe(Math.min(...model.values()));
          return least;
        };
        for (const [verb, which, priority] of steps) {
          if (verb === 'put') {
            heap.put(which, priority);
            model.set(which, priority);
            expect(heap.priorityOf(which)).toBe(priority);
          } else if (verb === 'remove') {
            heap.remove(which);
            model.delete(which);
          } else look();
          expect(heap.has(which)).toBe(model.has(which));
        }
        for (let least = look(); least !== undefined; least = look()) {
          heap.remove(least);
          model.delete(least);
        }
      }),
      { numRuns: 200 },
    );
  });
});
