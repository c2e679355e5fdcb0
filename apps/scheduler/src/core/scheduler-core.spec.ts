// Ownership, takeover and nodes: what the core does when the world around it changes.
import { shareStates } from '#protocol';
import { CoreRig, demandOf, noteOf } from '../../../../test/scheduler/core-rig';

const other = 'guest|guest/other|1';
const { BUSY, FREE } = shareStates.UseState;

describe('takeover', () => {
  const held = { containerId: 'node0-a', grantId: '1.1', actionKey: 'guest|guest/hello|1', state: FREE, idleMs: 5 };

  it('makes no placement on a node before its inventory', () => {
    const rig = new CoreRig();
    const stream = rig.hello();
    rig.demand(stream);
    rig.heartbeat('node0');
    expect(rig.take('inventory')).toHaveLength(1);
    expect(rig.take('create')).toEqual([]);
    expect(rig.heard(stream, 'denied')).toEqual([]);
    rig.inventory('node0');
    expect(rig.take('create')).toHaveLength(1);
  });

  it('does not use an inventory that was given under another epoch', () => {
    const rig = new CoreRig({ epoch: 5n });
    rig.heartbeat('node0');
    rig.input({
      kind: 'inventory',
      nodeId: 'node0',
      askedAt: rig.core.view.nodes.get('node0')!.askedAt,
      inventory: { nodeId: 'node0', incarnation: '1', epoch: '4', memoryMb: 1_024, containers: [], lapsed: [] },
    });
    expect(rig.core.isReady).toBe(false);
    rig.take('inventory');
    rig.pass(500);
    expect(rig.take('inventory')).toHaveLength(1);
  });

  it('counts what it finds: bound ones busy until claimed, never bound ones as stem cells', () => {
    const rig = new CoreRig({ stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }] });
    rig.node('node0', { memoryMb: 512 }, [rig.row('node0-a', { note: noteOf() }), rig.row('node0-b')]);
    expect(rig.states).toEqual(['stem-cell', 'unclaimed']);
    const stream = rig.hello('controller0', { containers: [held] });
    expect(rig.container('node0-a')).toBe('free');
    rig.demand(stream, { actionKey: other });
    expect(rig.take('bind')).toMatchObject([{ containerId: 'node0-b' }]);
  });

  it('adopts in either order of Hello and inventory', () => {
    const rig = new CoreRig();
    const stream = rig.hello('controller0', { containers: [held] });
    rig.node('node0', {}, [rig.row('node0-a', { note: noteOf() })]);
    expect(rig.container('node0-a')).toBe('free');
    expect(rig.heard(stream, 'gone')).toEqual([]);
  });

  it('says Gone to a claim that the node does not have, in either order', () => {
    const rig = new CoreRig();
    rig.node('node0');
    expect(rig.heard(rig.hello('controller0', { containers: [held] }), 'gone')).toMatchObject([
      { containerId: 'node0-a' },
    ]);
    const early = rig.hello('controller1', { containers: [{ ...held, containerId: 'node1-a' }] });
    expect(rig.heard(early, 'gone')).toEqual([]);
    rig.node('node1');
    expect(rig.heard(early, 'gone')).toMatchObject([{ containerId: 'node1-a' }]);
  });

  it('lets the note win over a claim with another grant', () => {
    const rig = new CoreRig();
    rig.node('node0', {}, [rig.row('node0-a', { note: noteOf({ grantId: '1.7' }) })]);
    const stream = rig.hello('controller0', { containers: [held] });
    expect(rig.heard(stream, 'gone')).toMatchObject([{ grantId: '1.1' }]);
    expect(rig.take('remove')).toMatchObject([{ containerId: 'node0-a', grantId: '1.7', reason: 'disowned' }]);
  });

  it('says Gone to a claim on a container of another controller, in either order, and leaves it to its owner', () => {
    for (const nodeFirst of [true, false]) {
      const rig = new CoreRig();
      const owner = rig.hello('controller0', { containers: [held] });
      const node = (): void => rig.node('node0', {}, [rig.row('node0-a', { note: noteOf() })]);
      if (nodeFirst) node();
      const other = rig.hello('controller1', { containers: [held] });
      if (!nodeFirst) node();
      expect(rig.heard(other, 'gone')).toMatchObject([{ containerId: 'node0-a', grantId: '1.1' }]);
      expect([rig.heard(owner, 'gone'), rig.take('remove')]).toEqual([[], []]);
      expect(rig.container('node0-a')).toBe('free');
      // Nor does what it says of it later change anything.
      rig.answer(other, 'drained', held);
      rig.say(other, { $case: 'removed', value: { containerId: 'node0-a', grantId: '1.1', reason: 'mine' } });
      expect(rig.take('remove')).toEqual([]);
      expect(rig.core.view.containers.get('node0-a')!.owner!.controllerId).toBe('controller0');
    }
  });

  it('removes what a connected owner does not list as disowned, and leaves an unconnected one alone', () => {
    const rig = new CoreRig();
    rig.node('node0', {}, [
      rig.row('node0-a', { note: noteOf() }),
      rig.row('node0-b', { note: noteOf({ owner: 'controller9', grantId: '1.2' }) }),
    ]);
    rig.hello();
    expect(rig.take('remove')).toMatchObject([{ containerId: 'node0-a', reason: 'disowned' }]);
    expect(rig.container('node0-b')).toBe('unclaimed');
  });

  it('remembers that an owner gave a container up before its node answered', () => {
    const rig = new CoreRig();
    const stream = rig.hello('controller0', { containers: [held] });
    rig.answer(stream, 'drained', held);
    rig.node('node0', {}, [rig.row('node0-a', { note: noteOf() })]);
    expect(rig.take('remove')).toMatchObject([{ containerId: 'node0-a', reason: 'drained' }]);
  });

  it('waits for a creation of the former leader by asking for it again', () => {
    const rig = new CoreRig();
    rig.node('node0', {}, [rig.row('node0-a', { state: 'creating' })]);
    expect(rig.take('create')).toMatchObject([{ request: { id: 'node0-a' } }]);
    rig.created('node0-a');
    expect(rig.container('node0-a')).toBe('stem-cell');
    rig.pass(2_000);
    expect(rig.take('remove')).toMatchObject([{ containerId: 'node0-a', reason: 'unbound' }]); // none is configured
  });
});

describe('owners', () => {
  it('keeps the containers of a controller that lost its stream, and reclaims none of them', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    rig.input({ kind: 'stream-closed', stream });
    rig.demand(rig.hello('controller1'), { actionKey: other });
    expect(rig.take('remove')).toEqual([]);
    expect(rig.container(free.container!.id)).toBe('free');
  });

  it('ignores what an older stream still says', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    const free = rig.freeContainer(first);
    const held = {
      containerId: free.container!.id,
      grantId: free.grantId,
      actionKey: free.actionKey,
      state: BUSY,
      idleMs: 0,
    };
    rig.hello('controller0', { containers: [held] });
    expect(rig.take('close')).toMatchObject([{ stream: first, code: 'replaced' }]);
    rig.answer(first, 'drained', { containerId: free.container!.id, grantId: free.grantId });
    expect(rig.container(free.container!.id)).toBe('busy');
  });

  it('refuses a generation that is not newer than the open one', () => {
    const rig = new CoreRig();
    const first = rig.hello('controller0', { generation: 5 });
    const late = rig.hello('controller0', { generation: 4 });
    expect(rig.take('close')).toMatchObject([{ stream: late, code: 'replaced' }]);
    expect(rig.core.view.sessions.map(({ stream }) => stream)).toEqual([first]);
  });

  it('ignores answers that name another grant', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const { id } = rig.freeContainer(stream).container!;
    rig.answer(stream, 'drained', { containerId: id, grantId: '1.999' });
    rig.say(stream, { $case: 'removed', value: { containerId: id, grantId: '0.1', reason: 'late' } });
    expect(rig.container(id)).toBe('free');
  });

  it('sends a grant that was bound while the stream changed on the new stream', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    rig.demand(first, { meanDurationMs: 1 });
    const [create] = rig.take('create');
    rig.input({ kind: 'stream-closed', stream: first });
    rig.created(create!.request.id);
    const second = rig.hello('controller0', { demands: [demandOf({ meanDurationMs: 1 })] });
    expect(rig.heard(second, 'grant')).toMatchObject([{ container: { id: create!.request.id } }]);
    expect(rig.take('create')).toEqual([]);
  });

  it('removes a container whose grant was lost with the old stream', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    rig.demand(first, { meanDurationMs: 1 });
    rig.obey();
    const [grant] = rig.heard(first, 'grant');
    rig.input({ kind: 'stream-closed', stream: first });
    rig.hello();
    expect(rig.take('remove')).toMatchObject([{ containerId: grant!.container!.id, reason: 'disowned' }]);
  });
});

describe('agents that do not answer', () => {
  it('repeats a bind with the same grant id and serves the demand elsewhere meanwhile', () => {
    const rig = new CoreRig({ stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }] });
    rig.node('node0', { memoryMb: 512 });
    rig.obey();
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    const [bind] = rig.take('bind');
    rig.take('create');
    rig.input({
      kind: 'bind-failed',
      containerId: bind!.containerId,
      grantId: bind!.note.grantId,
      failure: rig.failure('unreachable'),
    });
    expect(rig.take('bind')).toMatchObject([{ containerId: bind!.containerId, note: { grantId: bind!.note.grantId } }]);
    expect(rig.container(bind!.containerId)).toBe('binding');
    expect(rig.core.view.nodes.get('node0')!.usedMb).toBe(512);
    rig.input({ kind: 'bound', containerId: bind!.containerId, grantId: bind!.note.grantId });
    expect(rig.heard(stream, 'grant')).toHaveLength(1);
  });

  it('removes a creation whose outcome is unknown and frees nothing before the agent says so', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    rig.demand(rig.hello(), { meanDurationMs: 1 });
    const [create] = rig.take('create');
    const containerId = create!.request.id;
    rig.input({ kind: 'create-failed', containerId, failure: rig.failure('unreachable') });
    expect(rig.take('remove')).toMatchObject([{ containerId, grantId: create!.request.note!.grantId }]);
    rig.input({ kind: 'remove-failed', containerId, failure: rig.failure('unreachable') });
    expect(rig.take('create')).toEqual([]);
    rig.pass(200);
    expect(rig.take('remove')).toHaveLength(1);
    rig.input({ kind: 'remove-failed', containerId, failure: rig.failure('timeout') });
    rig.pass(399);
    expect(rig.take('remove')).toEqual([]);
    rig.pass(1);
    expect(rig.take('remove')).toHaveLength(1);
    rig.input({ kind: 'removed', containerId });
    expect(rig.take('create')).toHaveLength(1);
  });

  it('tells the waiters after three creations that failed in a row', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const [create] = rig.take('create');
      rig.input({ kind: 'create-failed', containerId: create!.request.id, failure: rig.failure('driver-failed') });
    }
    expect(rig.heard(stream, 'failed')).toMatchObject([{ class: shareStates.Failed_Class.WHISK }]);
    expect(rig.take('create')).toEqual([]);
  });

  it('places nothing on a node with more than three errors, until a probe succeeds', () => {
    const rig = new CoreRig({ limits: { creationAttemptsCount: 100, nodeSuspectedMs: 60_000, nodeGoneMs: 90_000 } });
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const [create] = rig.take('create');
      rig.input({ kind: 'create-failed', containerId: create!.request.id, failure: rig.failure('driver-failed') });
      // It may be there, ended: its memory is free when the agent says so.
      expect(rig.take('remove')).toMatchObject([{ containerId: create!.request.id, reason: 'drained' }]);
      rig.input({ kind: 'removed', containerId: create!.request.id });
    }
    expect(rig.take('create')).toEqual([]);
    rig.pass(5_000);
    const [probe] = rig.take('create');
    expect(probe!.request.note).toBeUndefined();
    rig.created(probe!.request.id);
    expect(rig.take('create')[0]!.request.note).toBeDefined();
  });

  it('takes the inventory again when the agent has less room than we thought', () => {
    const rig = new CoreRig();
    rig.node('node0');
    rig.demand(rig.hello(), { meanDurationMs: 1 });
    const [create] = rig.take('create');
    rig.input({ kind: 'create-failed', containerId: create!.request.id, failure: rig.failure('no-capacity') });
    expect(rig.take('create')).toEqual([]);
    rig.pass(500);
    expect(rig.take('inventory')).toHaveLength(1);
    rig.inventory('node0', [rig.row('node0-x', { memoryMb: 1_024, note: noteOf({ owner: 'controller7' }) })]);
    expect(rig.take('create')).toEqual([]);
    expect(rig.core.view.nodes.get('node0')!.freeMb).toBe(0);
  });
});
