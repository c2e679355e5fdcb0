import { shareStates } from '#protocol';
import { CoreRig, demandOf, noteOf } from '../../../../test/scheduler/core-rig';
import { Reuse } from './reuse';

const kinds = new Set(['nodejs:20']);
const hello = 'guest|guest/hello|1';

describe('what may be wiped for what', () => {
  const like = demandOf();
  const cases: [string, Partial<shareStates.Demand>, boolean][] = [
    ['another action of the namespace', { actionKey: 'guest|guest/other|1' }, true],
    ['an action in a package', { actionKey: 'guest|guest/tools/other|1' }, true],
    ['another revision', { actionKey: 'guest|guest/hello|2' }, true],
    ['the same code, invoked by another', { actionKey: 'other|guest/hello|1' }, false],
    ['code of another, invoked by the same', { actionKey: 'guest|other/hello|1' }, false],
    ['another namespace', { actionKey: 'other|other/hello|1' }, false],
    ['a namespace that begins alike', { actionKey: 'guest|guest2/hello|1' }, false],
    ['another kind', { actionKey: 'guest|guest/other|1', kind: 'python:3' }, false],
    ['other memory', { actionKey: 'guest|guest/other|1', memoryMb: 512 }, false],
    ['other concurrency', { actionKey: 'guest|guest/other|1', concurrency: 2 }, false],
    ['an image', { actionKey: 'guest|guest/other|1', image: 'some/image' }, false],
  ];
  it.each(cases)('%s', (_what, changes, expected) => {
    const reuse = new Reuse(new Set(['nodejs:20', 'python:3']));
    const shelf = (demand: shareStates.Demand) =>
      reuse.shelfOf({ ...demand, image: demand.image === '' ? undefined : demand.image }, demand.actionKey);
    const other = shelf(demandOf(changes));
    expect(other !== undefined && other === shelf(like)).toBe(expected);
  });

  it('nothing, unless kinds are given', () => {
    expect(new Reuse(undefined).shelfOf({ ...like, image: undefined }, hello)).toBeUndefined();
    expect(new Reuse(new Set(['python:3'])).shelfOf({ ...like, image: undefined }, hello)).toBeUndefined();
  });
});

describe('reuse in one namespace', () => {
  const other = { actionKey: 'guest|guest/other|1', meanDurationMs: 1 };
  /** One node that is full of one free container of `hello`, and who owns that. */
  function full(reuse?: ReadonlySet<string>, node = {}) {
    const rig = new CoreRig(reuse ? { reuse } : {});
    rig.node('node0', { memoryMb: 256, ...node });
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    return { rig, stream, free, id: free.container!.id };
  }

  it('wipes a free container when memory is short, once its owner has given it up', () => {
    const { rig, stream, free, id } = full(kinds);
    rig.demand(stream, other);
    const [reclaim] = rig.heard(stream, 'reclaim');
    expect(reclaim).toMatchObject({ containerId: id, grantId: free.grantId });
    rig.answer(stream, 'drained', reclaim!);
    expect(rig.take('remove')).toEqual([]);
    const [bind] = rig.take('bind');
    expect(bind).toMatchObject({ containerId: id, wipe: true, note: { actionKey: other.actionKey } });
    const addresses = { container: '10.0.0.9:8080' };
    rig.input({ kind: 'bound', containerId: id, grantId: bind!.note.grantId, addresses });
    // It has no code, as a prewarmed one, and may be elsewhere.
    expect(rig.heard(stream, 'grant')).toMatchObject([
      { start: shareStates.Start.PREWARMED, actionKey: other.actionKey, container: { id, addresses } },
    ]);
  });

  it('does so with one that nobody owns at once', () => {
    const { rig, stream, free, id } = full(kinds);
    rig.answer(stream, 'drained', { containerId: id, grantId: free.grantId });
    expect(rig.container(id)).toBe('parked');
    rig.demand(stream, other);
    expect(rig.take('bind')).toMatchObject([{ containerId: id, wipe: true }]);
  });

  it('leaves it alone while there is memory', () => {
    const { rig, stream } = full(kinds, { memoryMb: 512 });
    rig.demand(stream, other);
    expect(rig.heard(stream, 'reclaim')).toEqual([]);
    expect(rig.take('create')).toHaveLength(1);
  });

  it('takes another when its owner keeps it, and wipes nothing that is in use', () => {
    const { rig, stream } = full(kinds);
    rig.demand(stream, other);
    rig.answer(stream, 'kept', rig.heard(stream, 'reclaim')[0]!);
    expect(rig.take('bind')).toEqual([]);
    expect(rig.heard(stream, 'denied')).toHaveLength(1);
  });

  it('never for another namespace: that container gives way and is removed', () => {
    const { rig, stream, id } = full(kinds);
    rig.demand(stream, { actionKey: 'other|other/hello|1', meanDurationMs: 1 });
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    expect(rig.take('bind')).toEqual([]);
    expect(rig.take('remove')).toMatchObject([{ containerId: id }]);
  });

  it.each([
    ['it was not asked for', undefined, {}],
    ['the node cannot wipe', kinds, { wipes: false }],
  ])('is not done where %s', (_why, reuse, node) => {
    const { rig, stream, id } = full(reuse, node);
    rig.demand(stream, other);
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    expect(rig.take('remove')).toMatchObject([{ containerId: id }]);
  });

  it('removes what could not be wiped by the grant that it had before', () => {
    const { rig, stream, free, id } = full(kinds);
    rig.demand(stream, other);
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    const [bind] = rig.take('bind');
    const failure = rig.failure('unknown-container');
    rig.input({ kind: 'bind-failed', containerId: id, grantId: bind!.note.grantId, failure });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, grantId: free.grantId }]);
    rig.input({ kind: 'removed', containerId: id });
    expect(rig.take('create')).toMatchObject([{ request: { note: { actionKey: other.actionKey } } }]);
  });

  it('repeats the wipe when nobody knows whether it was done', () => {
    const { rig, stream, id } = full(kinds);
    rig.demand(stream, other);
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    const [bind] = rig.take('bind');
    rig.input({ kind: 'bind-failed', containerId: id, grantId: bind!.note.grantId, failure: rig.failure('timeout') });
    expect(rig.take('bind')).toEqual([bind]);
  });

  it('goes on with what a former leader left', () => {
    const rig = new CoreRig({ reuse: kinds, epoch: 2n });
    rig.node('node0', { memoryMb: 256 }, [rig.row('c1', { note: noteOf() })]);
    const containers = [
      { containerId: 'c1', grantId: '1.1', actionKey: hello, state: shareStates.UseState.FREE, idleMs: 5 },
    ];
    const stream = rig.hello('controller0', { containers });
    rig.demand(stream, other);
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    expect(rig.take('bind')).toMatchObject([{ containerId: 'c1', wipe: true }]);
  });
});
