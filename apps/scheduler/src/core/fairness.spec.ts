import { mayTake } from './fairness';

describe('who may take from whom', () => {
  it.each([
    ['a key that owns nothing takes from any', { owned: 0, load: 1 }, { owned: 1, load: 50 }, true],
    ['nothing is taken from a key that owns nothing', { owned: 0, load: 1 }, { owned: 0, load: 1 }, false],
    ['a hot key does not take the last one of a rare key', { owned: 20, load: 120 }, { owned: 1, load: 1 }, false],
    ['nor one of two that are both needed', { owned: 1, load: 120 }, { owned: 2, load: 2 }, true],
    ['equals do not take from each other', { owned: 4, load: 40 }, { owned: 4, load: 40 }, false],
    ['nor where taking would only swap the roles', { owned: 4, load: 40 }, { owned: 5, load: 40 }, false],
    ['but from one that stays better off', { owned: 2, load: 40 }, { owned: 8, load: 40 }, true],
  ])('%s', (_, to, from, isAllowed) => {
    expect(mayTake(to, from)).toBe(isAllowed);
  });
});
