// A worklist against a set that is gone through while it changes, over the sizes at which it changes what it is.
import fc from 'fast-check';
import { Worklist } from './worklist';

describe('a worklist', () => {
  it('has each thing once, and gives them in the order in which they came', () => {
    const step = fc.record({
      verb: fc.constantFrom('add', 'add', 'add', 'take', 'delete'),
      value: fc.nat({ max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 800, size: 'max' }), (steps) => {
        const [list, set] = [new Worklist<string>(), new Set<string>()];
        for (const { verb, value } of steps) {
          const item = `item ${value}`;
          if (verb === 'add') {
            list.add(item);
            set.add(item);
          } else if (verb === 'delete') {
            list.delete(item);
            set.delete(item);
          } else {
            const [first] = set;
            expect(list.take()).toBe(first);
            if (first !== undefined) set.delete(first);
          }
          expect(list.size).toBe(set.size);
        }
        const rest: (string | undefined)[] = [];
        while (list.size > 0) rest.push(list.take());
        expect(rest).toEqual([...set]);
      }),
      { numRuns: 100 },
    );
  });

  it('is empty at first and after its last item', () => {
    const list = new Worklist<string>();
    expect([list.size, list.take()]).toEqual([0, undefined]);
    list.add('a');
    list.add('a');
    expect([list.size, list.take(), list.take(), list.size]).toEqual([1, 'a', undefined, 0]);
  });

  it('gives what is added meanwhile, also what was taken before, after all others', () => {
    const list = new Worklist<number>();
    for (let at = 0; at < 100; at += 1) list.add(at);
    const taken: number[] = [];
    for (let item = list.take(); item !== undefined; item = list.take()) {
      taken.push(item);
      if (taken.length === 1) list.add(item);
    }
    expect(taken).toEqual([...Array(100).keys(), 0]);
  });
});
