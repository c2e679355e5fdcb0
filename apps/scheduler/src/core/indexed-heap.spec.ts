import fc from 'fast-check';
import { IndexedHeap } from './indexed-heap';
import { SortedList } from './sorted-list';

const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 9 }))), {
  maxLength: 60,
});

describe('orders', () => {
  it('the heap gives the least whatever was set and deleted before', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const heap = new IndexedHeap<number>();
        const model = new Map<number, number>();
        for (const [item, priority] of steps) {
          if (priority === null) expect(heap.delete(item)).toBe(model.delete(item));
          else {
            heap.set(item, priority);
            model.set(item, priority);
          }
          expect(heap.size).toBe(model.size);
          expect(heap.least()).toBe(Math.min(Infinity, ...model.values()));
          if (model.size > 0) expect(model.get(heap.peek()!)).toBe(heap.least());
        }
        const popped: number[] = [];
        while (heap.size > 0) popped.push(model.get(heap.pop()!)!);
        expect(popped).toEqual([...model.values()].sort((left, right) => left - right));
      }),
    );
  });

  it('the sorted list holds what was set, ascending', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const list = new SortedList<{ id: string }>();
        const items = new Map<number, { id: string }>();
        const model = new Map<{ id: string }, number>();
        for (const [name, key] of steps) {
          const item = items.get(name) ?? { id: `item${name}` };
          items.set(name, item);
          if (key === null) {
            list.delete(item);
            model.delete(item);
          } else {
            list.set(item, key);
            model.set(item, key);
          }
          expect(list.items.map((one) => model.get(one))).toEqual([...model.values()].sort((x, y) => x - y));
          expect(new Set(list.items)).toEqual(new Set(model.keys()));
        }
      }),
    );
  });
});
