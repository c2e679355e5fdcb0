// Overflow: order, bounds and deadlines.
import { Overflow, type OverflowWaiter } from './overflow';

const waiter = (key: string, acceptedAt = 0, waitLimitMs = 100): OverflowWaiter => ({
  key,
  acceptedAt,
  waitLimitMs,
  overflow: 'out',
  deadline: undefined,
});
const limits = { overflowPerKeyCount: 2, overflowTotalCount: 3 };

describe('overflow', () => {
  it('serves each key first in, first out', () => {
    const overflow = new Overflow(limits);
    const [first, second, other] = [waiter('a'), waiter('a'), waiter('b')];
    for (const one of [first, second, other]) expect(overflow.offer(one, 0)).toBe(true);
    expect(overflow.take('a')).toBe(first);
    expect(overflow.take('a')).toBe(second);
    expect(overflow.take('a')).toBeUndefined();
    expect(overflow.take('b')).toBe(other);
    expect(overflow.length).toBe(0);
  });

  it('refuses beyond the bound of a key and beyond the bound of all', () => {
    const overflow = new Overflow(limits);
    expect([overflow.offer(waiter('a'), 0), overflow.offer(waiter('a'), 0)]).toEqual([true, true]);
    expect(overflow.offer(waiter('a'), 0)).toBe(false);
    expect(overflow.offer(waiter('b'), 0)).toBe(true);
    expect(overflow.offer(waiter('c'), 0)).toBe(false);
    overflow.take('a');
    expect(overflow.offer(waiter('c'), 0)).toBe(true);
  });

  it('restores at the front, beyond the bound, with the deadline that was left', () => {
    const overflow = new Overflow(limits);
    const [first, second, third] = [waiter('a', 0), waiter('a', 10), waiter('a', 20)];
    overflow.offer(first, 0);
    overflow.offer(second, 10);
    overflow.take('a');
    overflow.offer(third, 20);
    overflow.restore(first, 50);
    expect(overflow.lengthOf('a')).toBe(3);
    expect(overflow.expire(99)).toEqual([]);
    expect(overflow.expire(100)).toEqual([first]);
    expect(overflow.take('a')).toBe(second);
  });

  it('never serves who was cancelled or has expired', () => {
    const overflow = new Overflow(limits);
    const [first, second] = [waiter('a', 0, 50), waiter('a', 0, 100)];
    overflow.offer(first, 0);
    overflow.offer(second, 0);
    expect(overflow.expire(50)).toEqual([first]);
    overflow.cancel(second);
    overflow.cancel(second);
    expect(overflow.take('a')).toBeUndefined();
    expect(overflow.expire(1_000)).toEqual([]);
    expect(overflow.length).toBe(0);
  });
});
