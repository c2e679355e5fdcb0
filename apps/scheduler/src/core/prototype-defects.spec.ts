// The prototype of 2018 had twelve defects that must not come back. Each test has the number of the one that this side could have
// inherited; 1, 2 and 11 are the controller's (apps/controller/src/invoke/prototype-defects.spec.ts).
import { shareStates } from '#protocol';
import { CoreRig, noteOf } from '../../../../test/scheduler/core-rig';

const hello = 'guest|guest/hello|1';
const other = 'guest|guest/other|1';

describe('defects of the prototype', () => {
  it('3: a granted container is put up as free first, and another request steals it', () => {
    const rig = new CoreRig({ stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }] });
    rig.node('node0', { memoryMb: 256 });
    rig.obey();
    const [first, second] = [rig.hello('controller0'), rig.hello('controller1')];
    rig.demand(first, { meanDurationMs: 1 });
    rig.demand(second, { meanDurationMs: 1 });
    rig.obey();
    const [grant] = rig.heard(first, 'grant');
    expect(grant!.actionKey).toBe(hello);
    rig.demand(second, { meanDurationMs: 1 });
    expect(rig.heard(first, 'reclaim')).toEqual([]);
    expect(rig.heard(second, 'grant')).toEqual([]);
    expect(rig.container(grant!.container!.id)).toBe('busy');
  });

  it('3: a waiting request is never woken by a container that becomes free', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    const grant = rig.freeContainer(stream, { actionKey: other });
    rig.state(stream, grant, shareStates.UseState.BUSY);
    rig.demand(stream, { meanDurationMs: 1 });
    expect(rig.heard(stream, 'denied')).toHaveLength(1);
    rig.free(stream, grant);
    expect(rig.heard(stream, 'reclaim')).toHaveLength(1);
  });

  it('4: a rejection fails whoever is first in line, not the one it is about', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    rig.demand(stream, { meanDurationMs: 1, actionKey: hello });
    const [creationOfOther, creation] = rig.take('create');
    const failure = rig.failure('cannot-create', 'no such image');
    rig.input({ kind: 'create-failed', containerId: creation!.request.id, failure });
    rig.created(creationOfOther!.request.id);
    const said = rig.messages(stream).map(({ body }) => body!);
    expect(said).toContainEqual({
      $case: 'failed',
      value: { actionKey: hello, class: shareStates.Failed_Class.DEVELOPER, text: 'no such image' },
    });
    expect(said.flatMap((body) => (body.$case === 'grant' ? [body.value.actionKey] : []))).toEqual([other]);
  });

  it('5: removing one container ends all of the action, without asking', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    const [left, right] = [0, 1].map(() => {
      rig.demand(stream, { actionKey: other, waiting: 5, meanDurationMs: 1_000 });
      rig.obey();
      return undefined;
    });
    expect([left, right]).toEqual([undefined, undefined]);
    const grants = rig.heard(stream, 'grant');
    expect(grants).toHaveLength(2);
    rig.demand(stream, { actionKey: other, waiting: 0, owned: 2, lastSeen: 99 });
    for (const grant of grants) rig.free(stream, grant);
    rig.demand(stream, { meanDurationMs: 1 });
    const reclaims = rig.heard(stream, 'reclaim');
    expect(reclaims).toHaveLength(1);
    expect(rig.take('remove')).toEqual([]);
    rig.answer(stream, 'drained', reclaims[0]!);
    expect(rig.take('remove')).toHaveLength(1);
    expect(rig.states).toEqual(['free', 'removing']);
  });

  it('6: a container that is reused goes to its old owner instead of to the one who asked', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const [owner, asker] = [rig.hello('controller0'), rig.hello('controller1')];
    const free = rig.freeContainer(owner);
    rig.demand(asker, { meanDurationMs: 1 });
    rig.answer(owner, 'drained', rig.heard(owner, 'reclaim')[0]!);
    const [bind] = rig.take('bind');
    expect(bind!.note).toMatchObject({ owner: 'controller1', incarnation: '1' });
    rig.input({ kind: 'bound', containerId: bind!.containerId, grantId: bind!.note.grantId });
    expect(rig.heard(owner, 'grant')).toEqual([]);
    expect(rig.heard(asker, 'grant')).toMatchObject([{ container: { id: free.container!.id } }]);
  });

  it('7: a container whose owner has changed cannot be found and removed any more', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const [owner, asker] = [rig.hello('controller0'), rig.hello('controller1')];
    rig.freeContainer(owner);
    rig.demand(asker, { meanDurationMs: 1 });
    rig.answer(owner, 'drained', rig.heard(owner, 'reclaim')[0]!);
    rig.obey();
    const [grant] = rig.heard(asker, 'grant');
    rig.demand(asker, { waiting: 0, owned: 1, lastSeen: 99 });
    rig.free(asker, grant!);
    rig.demand(owner, { meanDurationMs: 1, actionKey: other });
    rig.answer(asker, 'drained', rig.heard(asker, 'reclaim')[0]!);
    rig.obey();
    expect([...rig.core.view.containers.values()].map(({ note }) => note!.actionKey)).toEqual([other]);
    expect(rig.core.view.nodes.get('node0')).toMatchObject({ usedMb: 256, heldMb: 0, reclaimableMb: 0 });
  });

  it('8: last use is never refreshed, so that the oldest is evicted instead of the least recently used', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    const oldest = rig.freeContainer(stream, { actionKey: 'guest|guest/oldest|1' });
    rig.pass(100);
    const idle = rig.freeContainer(stream, { actionKey: 'guest|guest/idle|1' });
    rig.pass(100);
    rig.state(stream, oldest, shareStates.UseState.BUSY);
    rig.pass(100);
    rig.free(stream, oldest);
    rig.demand(stream, { meanDurationMs: 1 });
    expect(rig.heard(stream, 'reclaim').map(({ containerId }) => containerId)).toEqual([idle.container!.id]);
  });

  it('9: creations in progress take no room, and a node without addresses is an error that reaches nobody', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    rig.node('node1', { memoryMb: 128 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    const creations = rig.take('create');
    expect(creations).toHaveLength(1);
    rig.node('node2', { memoryMb: 256 });
    rig.input({ kind: 'create-failed', containerId: creations[0]!.request.id, failure: rig.failure('no-capacity') });
    expect(rig.take('create').map(({ agent, request }) => [agent.nodeId, request.note!.actionKey])).toEqual([
      ['node2', other],
    ]);
    rig.pass(500);
    expect(rig.take('inventory').map(({ agent }) => agent.nodeId)).toEqual(['node0']);
    rig.inventory('node0');
    expect(rig.take('create').map(({ request }) => request.note!.actionKey)).toEqual([hello]);
  });

  it('10: what fails is tried again without bound', () => {
    const rig = new CoreRig({ limits: { nodeErrorsCount: 9 } });
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    let attempts = 0;
    for (let creations = rig.take('create'); creations.length > 0; creations = rig.take('create')) {
      attempts += creations.length;
      for (const { request } of creations) {
        rig.input({ kind: 'create-failed', containerId: request.id, failure: rig.failure('driver-failed') });
      }
    }
    expect(attempts).toBe(3);
    expect(rig.heard(stream, 'failed')).toHaveLength(1);
    rig.pass(60_000);
    expect(rig.take('create')).toEqual([]);
  });

  it('10: an /init that fails costs no second container unless somebody still waits', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.obey();
    const [grant] = rig.heard(stream, 'grant');
    rig.demand(stream, { waiting: 0, inFlight: 1, owned: 1, lastSeen: 2 });
    const { id } = grant!.container!;
    rig.say(stream, { $case: 'removed', value: { containerId: id, grantId: grant!.grantId, reason: 'init failed' } });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'failed' }]);
    rig.input({ kind: 'removed', containerId: id });
    rig.pass(1_000);
    expect(rig.take('create')).toEqual([]);
  });

  it('12: a new scheduler knows neither controllers nor containers, and the old one destroys every container', () => {
    const rig = new CoreRig({ epoch: 2n });
    const held = {
      containerId: 'node0-a',
      grantId: '1.1',
      actionKey: hello,
      state: shareStates.UseState.BUSY,
      idleMs: 0,
    };
    const stream = rig.hello('controller0', { containers: [held], demands: [] });
    rig.node('node0', { memoryMb: 512 }, [rig.row('node0-a', { note: noteOf() })]);
    rig.pass(60_000);
    expect(rig.take('remove')).toEqual([]);
    expect(rig.core.view.sessions.map(({ owner }) => owner.controllerId)).toEqual(['controller0']);
    expect(rig.container('node0-a')).toBe('busy');
    expect(rig.heard(stream, 'gone')).toEqual([]);
  });
});
