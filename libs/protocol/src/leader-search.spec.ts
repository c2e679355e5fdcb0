import fc from 'fast-check';
import { LeaderSearch } from './leader-search';

describe('leader search', () => {
  it('tries the list in turn, and stays with the one that it found', () => {
    const search = new LeaderSearch(['a:1', 'b:1', 'c:1']);
    const seen = [search.current];
    for (let miss = 0; miss < 3; miss += 1) {
      expect(search.missed()).toBe(false);
      seen.push(search.current);
    }
    expect(seen).toEqual(['a:1', 'b:1', 'c:1', 'a:1']);
    search.found();
    expect(search.current).toBe('a:1');
  });

  it('follows the leader that a standby names, in the list or not, and goes on from there', () => {
    const search = new LeaderSearch(['a:1', 'b:1', 'c:1']);
    expect(search.missed('c:1')).toBe(true);
    expect(search.current).toBe('c:1');
    search.found();
    expect(search.missed('elsewhere:9')).toBe(true);
    expect(search.current).toBe('elsewhere:9');
    search.found();
    expect(search.current).toBe('elsewhere:9');
    expect(search.missed()).toBe(false);
    expect(search.current).toBe('a:1');
  });

  it('pauses when the one that was named does not lead either', () => {
    const search = new LeaderSearch(['a:1', 'b:1']);
    expect(search.missed('b:1')).toBe(true);
    expect(search.missed('a:1')).toBe(false);
    expect(search.current).toBe('a:1');
  });

  it('goes on at once from one that cannot be reached, once around the list', () => {
    const search = new LeaderSearch(['a:1', 'b:1', 'c:1']);
    expect([search.unreachable(), search.unreachable(), search.unreachable()]).toEqual([true, true, false]);
    expect(search.current).toBe('a:1');
    expect(new LeaderSearch(['a:1']).unreachable()).toBe(false);
  });

  it('follows a standby that names a dead leader once between two pauses', () => {
    const search = new LeaderSearch(['dead:1', 'standby:1']);
    expect(search.unreachable()).toBe(true);
    expect([search.current, search.missed('dead:1')]).toEqual(['standby:1', true]);
    expect([search.current, search.unreachable()]).toEqual(['dead:1', false]);
    expect([search.current, search.missed('dead:1')]).toEqual(['standby:1', true]);
    expect([search.current, search.unreachable()]).toEqual(['dead:1', true]);
    expect([search.current, search.missed('dead:1')]).toEqual(['standby:1', false]);
  });

  it.each(['', 'no port', 'http://a:1/x', 'a:123456', 'b:1 c:1'])('does not follow %j', (hint) => {
    const search = new LeaderSearch(['a:1', 'b:1']);
    expect(search.missed(hint)).toBe(false);
    expect(search.current).toBe('b:1');
  });

  it('refuses an empty list', () => {
    expect(() => new LeaderSearch([])).toThrow(/SCHEDULERS/);
  });

  it('asks at most once around the list and once more without a pause, and every one again and again, whatever comes', () => {
    const addresses = ['a:1', 'b:1', 'c:1'];
    const hint = fc.option(fc.constantFrom(...addresses, 'x:1'), { nil: undefined });
    const miss = fc.oneof(fc.record({ hint }), fc.constant('unreachable' as const));
    fc.assert(
      fc.property(fc.array(miss, { minLength: 12, maxLength: 40 }), (misses) => {
        const search = new LeaderSearch(addresses);
        let atOnce = 0;
        for (const one of misses) {
          const isAtOnce = one === 'unreachable' ? search.unreachable() : search.missed(one.hint);
          atOnce = isAtOnce ? atOnce + 1 : 0;
          expect(atOnce).toBeLessThanOrEqual(addresses.length);
        }
        const seen = new Set<string>();
        for (let count = 0; count < 4; count += 1) {
          seen.add(search.current);
          search.missed();
        }
        for (const address of addresses) expect(seen).toContain(address);
      }),
    );
  });
});
