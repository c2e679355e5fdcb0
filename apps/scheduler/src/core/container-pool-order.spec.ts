// What keeps the pool in order beside its five steps: fairness between keys, trimming, old revisions, late creations, farewells.
import { shareStates } from '#protocol';
import { CoreRig } from '../../../../test/scheduler/core-rig';

const other = 'guest|guest/other|1';

describe('fairness', () => {
  const hot = 'guest|guest/hot|1';

  function hotNode(): { rig: CoreRig; stream: number; grants: shareStates.Grant[] } {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    rig.demand(stream, { actionKey: hot, waiting: 50, meanDurationMs: 1_000 });
    rig.obey();
    const messages = rig.messages(stream);
    const grants = messages.flatMap(({ body }) => (body?.$case === 'grant' ? [body.value] : []));
    expect(grants).toHaveLength(2);
    const lastSeen = messages[messages.length - 1]!.number;
    rig.demand(stream, { actionKey: hot, waiting: 48, inFlight: 2, owned: 2, meanDurationMs: 1_000, lastSeen });
    return { rig, stream, grants };
  }

  it('retires the oldest grant of the key that owns most, for a key that owns nothing and has waited long enough', () => {
    const { rig, stream, grants } = hotNode();
    rig.demand(stream, { actionKey: other, meanDurationMs: 1 });
    rig.pass(499);
    rig.heartbeat('node0');
    expect(rig.heard(stream, 'retire')).toEqual([]);
    rig.pass(2);
    const retires = rig.heard(stream, 'retire');
    expect(retires).toHaveLength(1);
    expect(grants.map(({ grantId }) => grantId)).toContain(retires[0]!.grantId);
    rig.pass(2_000);
    rig.heartbeat('node0');
    expect(rig.heard(stream, 'retire')).toEqual([]);
    rig.answer(stream, 'drained', retires[0]!);
    const [remove] = rig.take('remove');
    rig.input({ kind: 'removed', containerId: remove!.containerId });
    expect(rig.take('create').map(({ request }) => request.note!.actionKey)).toEqual([other]);
  });

  it('does not let the hot key take the only container of a rare one', () => {
    const { rig, stream, grants } = hotNode();
    rig.demand(stream, { actionKey: other, meanDurationMs: 1 });
    rig.pass(501);
    rig.answer(stream, 'drained', rig.heard(stream, 'retire')[0]!);
    rig.obey();
    rig.obey();
    const given = rig.messages(stream);
    const last = given[given.length - 1]!.number;
    rig.demand(stream, { actionKey: other, waiting: 1, inFlight: 1, owned: 1, meanDurationMs: 1, lastSeen: last });
    rig.demand(stream, {
      actionKey: hot,
      waiting: 49,
      inFlight: 1,
      owned: 1,
      meanDurationMs: 1_000,
      lastSeen: last,
      oldestWaitingMs: 9_000,
    });
    for (let round = 0; round < 5; round += 1) {
      rig.pass(600);
      rig.heartbeat('node0');
    }
    expect(rig.heard(stream, 'retire')).toEqual([]);
    expect(grants).toHaveLength(2);
  });
});

describe('keeping order', () => {
  it('gives up what nobody used for idleRemovalMs, by asking', () => {
    const rig = new CoreRig({ limits: { idleRemovalMs: 5_000, nodeSuspectedMs: 100_000, nodeGoneMs: 200_000 } });
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    rig.pass(4_999);
    expect(rig.heard(stream, 'reclaim')).toEqual([]);
    rig.pass(1);
    rig.answer(stream, 'drained', rig.heard(stream, 'reclaim')[0]!);
    expect(rig.take('remove')).toMatchObject([{ containerId: free.container!.id, reason: 'drained' }]);
  });

  it('does not trim right after a takeover, whatever the idle times say', () => {
    const rig = new CoreRig({ limits: { idleRemovalMs: 1_000 } });
    rig.node('node0', {}, [rig.row('node0-a', { note: noteOfController0 })]);
    const held = {
      containerId: 'node0-a',
      grantId: '1.1',
      actionKey: other,
      state: shareStates.UseState.FREE,
      idleMs: 60_000,
    };
    const stream = rig.hello('controller0', { containers: [held] });
    rig.pass(1_999);
    expect(rig.heard(stream, 'reclaim')).toEqual([]);
    rig.pass(2);
    expect(rig.heard(stream, 'reclaim')).toHaveLength(1);
  });

  it('retires containers of an older revision once the newer one is asked for', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const old = rig.freeContainer(stream, { actionKey: 'guest|guest/hello|1' });
    rig.demand(stream, { actionKey: 'guest|guest/hello|2', meanDurationMs: 1 });
    const [retire] = rig.heard(stream, 'retire');
    expect(retire!.containerId).toBe(old.container!.id);
    rig.answer(stream, 'drained', retire!);
    expect(rig.take('remove')).toMatchObject([{ containerId: old.container!.id, reason: 'drained' }]);
  });

  it('keeps a container that came too late for its waiters, uninitialised, for the next demand of the key', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.demand(stream, { waiting: 0 });
    rig.obey();
    expect(rig.states).toEqual(['parked']);
    expect(rig.heard(stream, 'grant')).toEqual([]);
    rig.demand(stream, { meanDurationMs: 1 });
    rig.obey();
    expect(rig.heard(stream, 'grant')).toMatchObject([
      { start: shareStates.Start.PREWARMED, container: { suspended: false } },
    ]);
  });

  it('hands the containers of a controller that says goodbye on to the next', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    rig.say(stream, { $case: 'goodbye', value: {} });
    rig.answer(stream, 'drained', rig.heard(stream, 'retire')[0]!);
    rig.input({ kind: 'stream-closed', stream });
    const next = rig.hello('controller0', { incarnation: 2n });
    rig.demand(next, { meanDurationMs: 1 });
    rig.obey();
    expect(rig.heard(next, 'grant')).toMatchObject([
      { start: shareStates.Start.WARM, container: { id: free.container!.id } },
    ]);
  });
});

const noteOfController0 = {
  owner: 'controller0',
  incarnation: '1',
  actionKey: other,
  namespace: 'guest',
  grantId: '1.1',
  epoch: '1',
  logLimitMb: 10,
  namespaceConcurrency: 0,
};
