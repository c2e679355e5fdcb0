// The reclaim policies by table, and greedy-dual in the pool: what is used often, or took long to make, outlives what does not.
import fc from 'fast-check';
import { CoreRig } from '../../../../test/scheduler/core-rig';
import { shareStates } from '#protocol';
import type { Container, ContainerState } from './container';
import { NodeContainers, SlotHeap } from './node-containers';
import { advanceClock, chooseVictims, greedyDual, lru } from './reclaim';

interface Facts {
  state?: ContainerState;
  memoryMb?: number;
  lastUsedMs?: number;
  uses?: number;
  creationMs?: number;
  usedAtClock?: number;
  key?: string;
}

function container({ key = 'guest|guest/other|1', ...facts }: Facts): Container {
  const free = { state: 'free', memoryMb: 256, lastUsedMs: 0, uses: 1, creationMs: 256, usedAtClock: 0 };
  return { ...free, ...facts, note: { actionKey: key } } as unknown as Container;
}

function reclaimable(order: typeof lru, given: readonly Container[]) {
  const node = { containers: new NodeContainers(), reclaimable: new SlotHeap() };
  for (const one of given) {
    node.containers.add(one);
    node.reclaimable.put(one.slot, order(one));
  }
  return node;
}

describe('reclaim', () => {
  it.each([
    ['lru', lru, 'used earlier', { lastUsedMs: 1, uses: 9, creationMs: 9_000 }, { lastUsedMs: 2 }],
    ['lru', lru, 'a stem cell', { state: 'stem-cell', lastUsedMs: 9 }, { lastUsedMs: 1 }],
    ['greedy-dual', greedyDual, 'used less often', { uses: 1 }, { uses: 2 }],
    ['greedy-dual', greedyDual, 'made faster', { creationMs: 40 }, { creationMs: 400 }],
    ['greedy-dual', greedyDual, 'larger', { memoryMb: 512 }, { memoryMb: 128 }],
    ['greedy-dual', greedyDual, 'often used, but long ago', { uses: 9 }, { uses: 1, usedAtClock: 10 }],
    ['greedy-dual', greedyDual, 'a stem cell', { state: 'stem-cell', uses: 99 }, {}],
  ] as const)('%s: what was %3$s goes first', (_, order, __, first, second) => {
    const [victim, kept] = [container(first), container(second)];
    expect(chooseVictims(reclaimable(order, [kept, victim]), 1, 'guest|guest/hello|1')).toEqual([victim]);
  });

  it('whatever the policy: frees enough or nothing, never of the key itself, and changes nothing', () => {
    const anyContainer = fc.record({
      state: fc.constantFrom<ContainerState>('free', 'suspended', 'parked', 'stem-cell'),
      memoryMb: fc.integer({ min: 1, max: 512 }),
      lastUsedMs: fc.nat(1_000),
      uses: fc.nat(50),
      usedAtClock: fc.nat(50),
      key: fc.constantFrom('a|a/a|1', 'b|b/b|1'),
    });
    fc.assert(
      fc.property(fc.array(anyContainer, { maxLength: 12 }), fc.integer({ min: 1, max: 2_000 }), (facts, needMb) => {
        for (const order of [lru, greedyDual]) {
          const containers = facts.map(container);
          const node = reclaimable(order, containers);
          const others = containers.filter(({ note }) => note!.actionKey !== 'a|a/a|1');
          const most = others.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
          const victims = chooseVictims(node, needMb, 'a|a/a|1');
          expect(victims !== undefined).toBe(most >= needMb);
          expect(containers.every(({ slot }) => node.reclaimable.has(slot))).toBe(true);
          if (!victims) continue;
          const worth = victims.map(order);
          expect(worth).toEqual([...worth].sort((left, right) => left - right));
          expect(victims.every((victim) => others.includes(victim))).toBe(true);
          // Without the last of them it would not have been enough.
          const freedMb = victims.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
          expect(freedMb).toBeGreaterThanOrEqual(needMb);
          expect(freedMb - victims[victims.length - 1]!.memoryMb).toBeLessThan(needMb);
        }
      }),
    );
  });

  it('the clock only goes forward', () => {
    const node = { reclaimClock: 3 };
    advanceClock(node, greedyDual, [container({ state: 'stem-cell' }), container({ uses: 2 })]);
    expect(node.reclaimClock).toBe(3);
    advanceClock(node, greedyDual, [container({ uses: 5 })]);
    expect(node.reclaimClock).toBe(5);
  });
});

describe('the pool with greedy-dual', () => {
  /** Two free containers on a full node: one of an action that was used often, and one that was used last. */
  function fullNode(reclaim: 'lru' | 'greedy-dual'): { rig: CoreRig; stream: number; often: string; last: string } {
    const rig = new CoreRig({ policies: { reclaim } });
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    const often = rig.freeContainer(stream, { actionKey: 'guest|guest/often|1' });
    for (let turn = 0; turn < 5; turn += 1) {
      rig.state(stream, often, shareStates.UseState.BUSY);
      rig.free(stream, often);
    }
    rig.pass(10);
    const last = rig.freeContainer(stream, { actionKey: 'guest|guest/last|1' });
    return { rig, stream, often: often.container!.id, last: last.container!.id };
  }

  it.each([
    ['lru', 'often'],
    ['greedy-dual', 'last'],
  ] as const)('%s asks for the one that was used %s', (reclaim, victim) => {
    const full = fullNode(reclaim);
    full.rig.demand(full.stream, { actionKey: 'guest|guest/new|1', meanDurationMs: 1_000 });
    expect(full.rig.heard(full.stream, 'reclaim').map(({ containerId }) => containerId)).toEqual([full[victim]]);
  });
});
