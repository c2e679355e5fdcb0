// The prewarm policies by table and property, and the stock of a pool that follows its demands.
import fc from 'fast-check';
import { CoreRig } from '../../../../test/scheduler/core-rig';
import { fixed, reactive } from './prewarm';

const cells = { kind: 'nodejs:20', memoryMb: 256, count: 2 };
const bounds = { minCount: 1, maxCount: 6, threshold: 10, increment: 2 };

describe('prewarm', () => {
  it.each([
    ['before the first window', undefined, undefined, 2],
    ['nothing taken', undefined, 0, 0],
    ['something taken', undefined, 0.2, 1],
    ['as many as taken', undefined, 3, 3],
    ['at most twice the configured', undefined, 90, 4],
    ['bounds: before the first window', bounds, undefined, 2],
    ['bounds: nothing taken', bounds, 0, 1],
    ['bounds: below the threshold', bounds, 3, 2],
    ['bounds: twice the threshold', bounds, 20, 4],
    ['bounds: most', bounds, 900, 6],
  ])('reactive, %s', (_, reactiveBounds, takenPerNode, wanted) => {
    expect(reactive({ ...cells, reactive: reactiveBounds }, takenPerNode)).toBe(wanted);
    expect(fixed({ ...cells, reactive: reactiveBounds }, takenPerNode)).toBe(2);
  });

  it('reactive stays within its bounds and never wants fewer when more was taken', () => {
    const natural = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(natural, natural, natural, natural, fc.nat(500), (least, more, threshold, increment, taken) => {
        const within = { minCount: least, maxCount: least + more, threshold, increment };
        const [few, many] = [taken, taken + 1].map((count) => reactive({ ...cells, reactive: within }, count));
        expect(few).toBeGreaterThanOrEqual(least);
        expect(many).toBeLessThanOrEqual(least + more);
        expect(many).toBeGreaterThanOrEqual(few!);
      }),
    );
  });
});

describe('the stock of a pool', () => {
  const limits = { prewarmWindowMs: 1_000, settleMs: 0, nodeSuspectedMs: 2 ** 30, nodeGoneMs: 2 ** 31 };

  function pool(prewarm: 'fixed' | 'reactive'): CoreRig {
    const rig = new CoreRig({ stemCells: [cells], limits, policies: { prewarm } });
    rig.node('node0', { memoryMb: 4_096 });
    while (rig.obey() > 0) continue;
    return rig;
  }
  const stemCells = (rig: CoreRig): number => rig.states.filter((state) => state === 'stem-cell').length;
  function passWindow(rig: CoreRig): void {
    rig.pass(1_001);
    while (rig.obey() > 0) continue;
  }

  it('follows what was taken up and down, where the policy is reactive', () => {
    const rig = pool('reactive');
    expect(stemCells(rig)).toBe(2);
    const stream = rig.hello();
    for (const name of ['a', 'b', 'c']) rig.freeContainer(stream, { actionKey: `guest|guest/${name}|1` });
    passWindow(rig);
    expect(stemCells(rig)).toBe(3);
    passWindow(rig);
    expect(stemCells(rig)).toBe(0);
  });

  it('stays as configured where it is fixed', () => {
    const rig = pool('fixed');
    passWindow(rig);
    passWindow(rig);
    expect(stemCells(rig)).toBe(2);
  });

  it('leaves alone what an operator has set', () => {
    const rig = pool('reactive');
    rig.input({ kind: 'stem-cells', stemCells: [{ ...cells, count: 1 }] });
    passWindow(rig);
    expect(stemCells(rig)).toBe(1);
  });
});
