import { CoreRig } from '../../../../test/scheduler/core-rig';
import { StemCellStock } from './stem-cell-stock';

const cells = (kind: string, memoryMb: number, count: number): { kind: string; memoryMb: number; count: number } => ({
  kind,
  memoryMb,
  count,
});
const configured = [cells('nodejs:20', 256, 2), cells('python:3', 256, 1)];

describe('the stock of stem cells', () => {
  it('is what is configured where no operator has set anything', () => {
    const stock = new StemCellStock(configured);
    expect(stock.wanted).toEqual(configured);
    expect(stock.lines.map(({ isSetByOperator }) => isSetByOperator)).toEqual([false, false]);
  });

  it('takes what an operator has set instead of the configured number, and beside it', () => {
    const stock = new StemCellStock(configured);
    stock.set([cells('nodejs:20', 256, 0), cells('nodejs:20', 512, 3)]);
    expect(stock.wanted).toEqual([cells('nodejs:20', 256, 0), cells('python:3', 256, 1), cells('nodejs:20', 512, 3)]);
    expect(stock.lines[0]).toEqual({ ...cells('nodejs:20', 256, 0), configured: 2, isSetByOperator: true });
    expect(stock.lines[2]).toEqual({ ...cells('nodejs:20', 512, 3), configured: 0, isSetByOperator: true });
    stock.set([]);
    expect(stock.wanted).toEqual(configured);
  });
});

describe('a leader and the stem cells that an operator set', () => {
  it('starts what is missing and removes what is too much', () => {
    const rig = new CoreRig({ stemCells: [cells('nodejs:20', 256, 2)] });
    rig.node('node0', { memoryMb: 2_048 });
    const ids = rig.take('create').map(({ request }) => request.id);
    expect(ids).toHaveLength(2);
    for (const id of ids) rig.created(id);
    rig.input({ kind: 'stem-cells', stemCells: [cells('nodejs:20', 256, 3)] });
    const [added] = rig.take('create');
    expect(added).toBeDefined();
    rig.created(added!.request.id);
    rig.pass(rig.limits.settleMs);
    rig.input({ kind: 'stem-cells', stemCells: [cells('nodejs:20', 256, 0)] });
    expect(rig.take('remove')).toHaveLength(3);
  });

  it('touches none before it knows what was set', () => {
    const rig = new CoreRig({ stemCells: [cells('nodejs:20', 256, 2)], awaitsStemCells: true });
    rig.node('node0', { memoryMb: 2_048 });
    rig.pass(rig.limits.settleMs);
    expect(rig.take('create')).toEqual([]);
    rig.input({ kind: 'stem-cells', stemCells: [cells('nodejs:20', 256, 1)] });
    expect(rig.take('create')).toHaveLength(1);
  });

  it('tells whoever watches', () => {
    const rig = new CoreRig({ stemCells: [cells('nodejs:20', 256, 2)] });
    rig.input({ kind: 'stem-cells', stemCells: [cells('nodejs:20', 256, 5)] });
    expect(rig.take('event')).toMatchObject([
      { subject: 'stem-cells', id: 'nodejs:20, 256 MB', what: '2 -> 5 on each node' },
    ]);
  });
});
