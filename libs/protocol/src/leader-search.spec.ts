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

  it.each(['', 'no port', 'http://a:1/x', 'a:123456', 'b:1 c:1'])('does not follow %j', (hint) => {
    const search = new LeaderSearch(['a:1', 'b:1']);
    expect(search.missed(hint)).toBe(false);
    expect(search.current).toBe('b:1');
  });

  it('refuses an empty list', () => {
    expect(() => new LeaderSearch([])).toThrow(/SCHEDULERS/);
  });

  it('asks at once at most every second time, and every one of the list again and again, whatever is named', () => {
    const addresses = ['a:1', 'b:1', 'c:1'];
    const hint = fc.option(fc.constantFrom(...addresses, 'x:1'), { nil: undefined });
    fc.assert(
      fc.property(fc.array(hint, { minLength: 12, maxLength: 40 }), (hints) => {
        const search = new LeaderSearch(addresses);
        let wasAtOnce = false;
        for (const named of hints) {
          const isAtOnce = search.missed(named);
          expect(isAtOnce && wasAtOnce).toBe(false);
          wasAtOnce = isAtOnce;
        }
        const seen = new Set<string>();
        for (let miss = 0; miss < 4; miss += 1) {
          seen.add(search.current);
          search.missed();
        }
        for (const address of addresses) expect(seen).toContain(address);
      }),
    );
  });
});
