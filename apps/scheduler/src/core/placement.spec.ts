// Each placement policy by table, and what all of them promise by property.
import fc from 'fast-check';
import { seededRandom } from '#clock';
import { HashRing } from './hash-ring';
import { type Candidates, hashHome, leastLoaded, pack, type Placeable, randomOfTwo } from './placement';
import { placements } from './policies';

const node = (id: string, freeMb: number, isOpen = true): Placeable => ({ id, freeMb, isOpen });

/** In lists as Nodes keeps them: open ones, ascending, apart by what they offer. */
function candidates(...groups: Placeable[][]): Candidates<Placeable> {
  const lists = groups.map((nodes) => nodes.filter(({ isOpen }) => isOpen).sort((a, b) => a.freeMb - b.freeMb));
  return { lists, ring: () => new HashRing(groups.flat()) };
}

const wanted = { actionKey: 'guest|guest/hello|1', memoryMb: 256 };
const never = (): number => {
  throw new Error('draws nothing');
};
const small = node('small', 128);
const tight = node('tight', 256);
const middle = node('middle', 512);
const large = node('large', 2_048);

describe('placement', () => {
  it.each([
    ['no node', [], undefined, undefined],
    ['nothing has room', [[small]], undefined, undefined],
    ['one has room, exactly', [[small, tight]], tight, tight],
    ['several have', [[small, large, tight, middle]], large, tight],
    [
      'several have, and offer different kinds beside',
      [
        [small, middle],
        [large, tight],
      ],
      large,
      tight,
    ],
    ['one list has nothing', [[small], [middle, large]], large, middle],
  ] as const)('%s: least-loaded takes the freest, pack the fullest', (_, groups, freest, fullest) => {
    const given = candidates(...groups.map((group) => [...group]));
    expect(leastLoaded(given, wanted, never)).toBe(freest);
    expect(pack(given, wanted, never)).toBe(fullest);
  });

  it.each([
    [[0, 0], middle],
    [[0.4, 0], large],
    [[0.4, 0.9], middle],
    [[0.99, 0.99], large],
  ])('random-of-two draws two that have room (%j) and takes the freer', (draws, taken) => {
    const left = [...draws];
    const given = candidates([small, tight], [middle, large]);
    // Those with room, in order: tight, middle, large.
    expect(randomOfTwo(given, wanted, () => left.shift()!)).toBe(taken);
  });

  it('random-of-two never draws one twice, and draws each', () => {
    const random = seededRandom(5);
    const seen = new Set<string>();
    const given = candidates([node('a', 1_000), node('b', 999), node('c', 998)]);
    for (let turn = 0; turn < 100; turn += 1) seen.add(randomOfTwo(given, wanted, random)!.id);
    expect([...seen].sort()).toEqual(['a', 'b']);
  });

  it('hash-home takes the first home that is open and has room, then the freest', () => {
    const nodes = Array.from({ length: 50 }, (_, at) => node(`node${at}`, 512));
    const homes = [...new HashRing(nodes).homes(wanted.actionKey, 8)];
    const without = (closed: readonly Placeable[]): Placeable | undefined =>
      hashHome(candidates(nodes.map((one) => (closed.includes(one) ? { ...one, isOpen: false } : one))), wanted, never);
    expect(without([])).toEqual(homes[0]);
    expect(without([homes[0]!])).toEqual(homes.find(({ id }) => id !== homes[0]!.id));
    const full = nodes.map((one) => (homes.includes(one) ? { ...one, freeMb: 0 } : one));
    const freest = node('freest', 1_024);
    expect(hashHome(candidates([...full, freest]), wanted, never)).toBe(freest);
  });

  it('each answers a node exactly if an open one has room, and one that has', () => {
    const anyNode = fc.record({ freeMb: fc.integer({ min: -512, max: 1_024 }), isOpen: fc.boolean() });
    const anyGroups = fc.array(fc.array(anyNode, { maxLength: 12 }), { maxLength: 3 });
    fc.assert(
      fc.property(
        anyGroups,
        fc.integer({ min: 1, max: 600 }),
        fc.integer(),
        fc.string(),
        (groups, memoryMb, seed, key) => {
          const named = groups.map((group, of) => group.map((one, at) => ({ ...one, id: `node${of}.${at}` })));
          const hasRoom = named.flat().some(({ freeMb, isOpen }) => isOpen && freeMb >= memoryMb);
          for (const place of Object.values(placements)) {
            const chosen = place(candidates(...named), { actionKey: key, memoryMb }, seededRandom(seed));
            expect(chosen !== undefined).toBe(hasRoom);
            if (chosen) expect([chosen.isOpen, chosen.freeMb >= memoryMb]).toEqual([true, true]);
          }
        },
      ),
    );
  });
});

describe('the ring of homes', () => {
  const nodes = Array.from({ length: 20 }, (_, at) => ({ id: `node${at}` }));
  const names = Array.from({ length: 2_000 }, (_, at) => `guest|guest/action${at}|1`);
  const homeOf = (ring: HashRing<{ id: string }>, name: string): string => [...ring.homes(name, 1)][0]!.id;

  it('is the same whatever order nodes came and went in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(nodes), fc.array(fc.nat(19), { maxLength: 10 }), (order, gone) => {
        const ring = new HashRing<{ id: string }>([]);
        for (const one of order) ring.add(one);
        for (const at of gone) ring.delete(nodes[at]!);
        const left = order.filter((one) => !gone.some((at) => nodes[at] === one));
        const anew = new HashRing(left);
        for (const name of names.slice(0, 20)) expect([...ring.homes(name, 3)]).toEqual([...anew.homes(name, 3)]);
      }),
      { numRuns: 50 },
    );
  });

  it('moves only the names whose home went, and leaves no node idle', () => {
    const ring = new HashRing(nodes);
    const before = names.map((name) => homeOf(ring, name));
    const counts = new Map<string, number>();
    for (const home of before) counts.set(home, (counts.get(home) ?? 0) + 1);
    expect(counts.size).toBe(nodes.length);
    expect(Math.max(...counts.values())).toBeLessThan((3 * names.length) / nodes.length);
    ring.delete(nodes[7]!);
    names.forEach((name, at) => {
      if (before[at] === 'node7') expect(homeOf(ring, name)).not.toBe('node7');
      else expect(homeOf(ring, name)).toBe(before[at]);
    });
  });
});
