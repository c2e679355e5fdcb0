// The order of the pool, decision by decision.
import { shareStates } from '#protocol';
import { CoreRig } from '../../../../test/scheduler/core-rig';

const other = 'guest|guest/other|1';
const stemCells = [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }];

describe('step 1: a warm container of the same key', () => {
  it('is moved from the controller that does not use it: reclaimed, bound, then granted as suspended', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const owner = rig.hello('controller0');
    const asker = rig.hello('controller1');
    const free = rig.freeContainer(owner);
    rig.demand(asker);
    const [reclaim] = rig.heard(owner, 'reclaim');
    expect(reclaim).toMatchObject({ containerId: free.container!.id, grantId: free.grantId, deadlineMs: 250 });
    expect(rig.take('create')).toEqual([]);
    expect(rig.take('bind')).toEqual([]);
    rig.answer(owner, 'drained', reclaim!);
    const [bind] = rig.take('bind');
    expect(bind!.note).toMatchObject({ owner: 'controller1', actionKey: free.actionKey });
    expect(rig.heard(asker, 'grant')).toEqual([]);
    rig.input({ kind: 'bound', containerId: bind!.containerId, grantId: bind!.note.grantId });
    const [grant] = rig.heard(asker, 'grant');
    expect(grant).toMatchObject({
      start: shareStates.Start.WARM,
      container: { id: free.container!.id, suspended: true },
    });
  });

  it('is hinted at first where its owner can be forwarded to, and moved if that did not help', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const owner = rig.hello('controller0', { address: '127.0.0.1:9' });
    const asker = rig.hello('controller1');
    rig.freeContainer(owner);
    rig.demand(asker, { meanDurationMs: 1 });
    expect(rig.heard(asker, 'hint')).toEqual([{ actionKey: 'guest|guest/hello|1', address: '127.0.0.1:9', free: 1 }]);
    expect(rig.take('create')).toEqual([]);
    rig.demand(asker, { meanDurationMs: 1 });
    expect(rig.heard(asker, 'hint')).toEqual([]);
    expect(rig.heard(owner, 'reclaim')).toHaveLength(1);
  });

  it('goes on to create when the owner keeps it', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const owner = rig.hello('controller0');
    const asker = rig.hello('controller1');
    rig.freeContainer(owner);
    rig.demand(asker, { meanDurationMs: 1 });
    rig.answer(owner, 'kept', rig.heard(owner, 'reclaim')[0]!);
    expect(rig.take('create')).toHaveLength(1);
  });

  it('takes no answer by the deadline for Kept, and a late Drained for Drained', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const owner = rig.hello('controller0');
    const asker = rig.hello('controller1');
    const free = rig.freeContainer(owner);
    rig.demand(asker, { meanDurationMs: 1 });
    const [reclaim] = rig.heard(owner, 'reclaim');
    rig.pass(251);
    expect(rig.container(free.container!.id)).toBe('busy');
    expect(rig.take('create')).toHaveLength(1);
    rig.answer(owner, 'drained', reclaim!);
    expect(rig.container(free.container!.id)).toBe('parked');
  });
});

describe('step 2: a stem cell', () => {
  it('of the same kind and memory is bound, and its replacement started in the same step', () => {
    const rig = new CoreRig({ stemCells });
    rig.node('node0');
    rig.obey();
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    expect(rig.take('bind')).toHaveLength(1);
    const [replacement] = rig.take('create');
    expect(replacement!.request.note).toBeUndefined();
  });

  it('of another memory is left alone', () => {
    const rig = new CoreRig({ stemCells });
    rig.node('node0');
    rig.obey();
    rig.demand(rig.hello(), { meanDurationMs: 1, memoryMb: 128 });
    expect(rig.take('bind')).toEqual([]);
    expect(rig.take('create')[0]!.request).toMatchObject({ memoryMb: 128 });
  });

  it('serves no concurrent runs, since it was started for single ones', () => {
    const rig = new CoreRig({ stemCells });
    rig.node('node0');
    rig.obey();
    rig.demand(rig.hello(), { meanDurationMs: 1, concurrency: 5 });
    expect(rig.take('create')[0]!.request).toMatchObject({ concurrency: 5 });
  });

  it('gives way to a demand that needs its memory', () => {
    const rig = new CoreRig({ stemCells });
    rig.node('node0', { memoryMb: 512 });
    rig.obey();
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1, memoryMb: 512 });
    expect(rig.take('remove')).toMatchObject([{ reason: 'unbound', grantId: undefined }]);
    expect(rig.heard(stream, 'denied')).toEqual([]);
    const [stemCell] = rig.core.view.containers.keys();
    rig.input({ kind: 'removed', containerId: stemCell! });
    expect(rig.take('create')[0]!.request.note!.actionKey).toBe('guest|guest/hello|1');
  });
});

describe('step 3: memory left', () => {
  it('is taken at once, on the least loaded node, with the note in the creation', () => {
    const rig = new CoreRig();
    rig.node('small', { memoryMb: 512 });
    rig.node('large', { memoryMb: 1_024 });
    rig.demand(rig.hello(), { meanDurationMs: 1 });
    const [create] = rig.take('create');
    expect(create!.agent.nodeId).toBe('large');
    expect(create!.request.note).toMatchObject({ owner: 'controller0', incarnation: '1', grantId: '1.1', epoch: '1' });
    expect(rig.core.view.nodes.get('large')!.usedMb).toBe(256);
  });

  it('waits for a creation slot without reclaiming and without a denial', () => {
    const rig = new CoreRig();
    rig.node('node0', { parallelCreations: 1 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    expect(rig.take('create')).toHaveLength(1);
    expect(rig.heard(stream, 'denied')).toEqual([]);
    const [first] = rig.core.view.containers.keys();
    rig.created(first!);
    expect(rig.take('create')[0]!.request.note!.actionKey).toBe(other);
  });

  it('never has more than 16 creations of one action under way', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 65_536, parallelCreations: 64 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 10_000, waiting: 100 });
    const first = rig.take('create');
    expect(first).toHaveLength(16);
    rig.created(first[0]!.request.id);
    expect(rig.take('create')).toHaveLength(1);
  });

  it('is not used on nodes that do not offer the kind', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { kind: 'python:3' });
    expect(rig.take('create')).toEqual([]);
    expect(rig.heard(stream, 'denied')[0]!.reason).toBe('no node offers python:3 now');
    rig.node('node1', { kinds: ['python:3'] });
    expect(rig.take('create')[0]!.agent.nodeId).toBe('node1');
  });
});

describe('step 4: containers of one node give way', () => {
  it('the least recently used first, and what they free is reserved for the demand', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    rig.freeContainer(stream, { actionKey: 'guest|guest/young|1' }, 10);
    const old = rig.freeContainer(stream, { actionKey: 'guest|guest/old|1' }, 9_000);
    rig.demand(stream, { meanDurationMs: 1 });
    const reclaims = rig.heard(stream, 'reclaim');
    expect(reclaims.map(({ containerId }) => containerId)).toEqual([old.container!.id]);
    rig.answer(stream, 'drained', reclaims[0]!);
    const [remove] = rig.take('remove');
    expect(remove).toMatchObject({ reason: 'drained', grantId: old.grantId });
    expect(rig.take('create')).toEqual([]);
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    rig.input({ kind: 'removed', containerId: remove!.containerId });
    expect(rig.take('create').map(({ request }) => request.note!.actionKey)).toEqual(['guest|guest/hello|1']);
  });

  it('takes what is free into account and asks for no more than is missing', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 768 });
    const stream = rig.hello();
    rig.freeContainer(stream, { actionKey: 'guest|guest/a|1' });
    rig.freeContainer(stream, { actionKey: 'guest|guest/b|1' });
    rig.demand(stream, { meanDurationMs: 1, memoryMb: 512 });
    expect(rig.heard(stream, 'reclaim')).toHaveLength(1);
    expect(rig.core.view.nodes.get('node0')!.heldMb).toBe(256);
  });

  it('asks the next one when a victim is kept, and gives up when there is none', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    rig.freeContainer(stream, { actionKey: 'guest|guest/a|1' }, 5);
    rig.freeContainer(stream, { actionKey: 'guest|guest/b|1' }, 4);
    rig.demand(stream, { meanDurationMs: 1 });
    rig.answer(stream, 'kept', rig.heard(stream, 'reclaim')[0]!);
    const [second] = rig.heard(stream, 'reclaim');
    expect(second).toBeDefined();
    rig.answer(stream, 'kept', second!);
    expect(rig.heard(stream, 'denied')).toHaveLength(1);
    expect(rig.core.view.nodes.get('node0')!.heldMb).toBe(0);
  });

  it('gives back what was freed when the demand is cancelled, and keeps a drained container for its own key', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    const free = rig.freeContainer(stream, { actionKey: other });
    rig.demand(stream, { meanDurationMs: 1 });
    const [reclaim] = rig.heard(stream, 'reclaim');
    rig.demand(stream, { waiting: 0 });
    rig.answer(stream, 'drained', reclaim!);
    expect(rig.container(free.container!.id)).toBe('parked');
    expect(rig.take('remove')).toEqual([]);
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    rig.obey();
    expect(rig.heard(stream, 'grant')).toMatchObject([
      { start: shareStates.Start.WARM, container: { suspended: true } },
    ]);
  });

  it('keeps freed memory for its demand only for reclaimHoldMs', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 512 });
    const stream = rig.hello();
    const first = rig.freeContainer(stream, { actionKey: 'guest|guest/a|1' }, 9);
    rig.freeContainer(stream, { actionKey: 'guest|guest/b|1' }, 8);
    rig.demand(stream, { meanDurationMs: 1, memoryMb: 512 });
    const [reclaim, stuck] = rig.heard(stream, 'reclaim');
    rig.answer(stream, 'drained', reclaim!);
    rig.answer(stream, 'drained', stuck!);
    rig.take('remove');
    rig.input({ kind: 'removed', containerId: first.container!.id });
    const node = rig.core.view.nodes.get('node0')!;
    expect(node.heldMb).toBe(256);
    rig.pass(1_999);
    rig.heartbeat('node0');
    expect(node.heldMb).toBe(256);
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    expect(rig.take('create')).toEqual([]);
    rig.pass(1);
    expect(rig.take('create').map(({ request }) => request.note!.actionKey)).toEqual([other]);
  });

  it('never evicts a container of the same key', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    rig.freeContainer(stream);
    rig.demand(stream, { waiting: 5, owned: 1, meanDurationMs: 5_000 });
    expect(rig.heard(stream, 'reclaim')).toEqual([]);
    expect(rig.take('remove')).toEqual([]);
  });
});

describe('step 5: denied', () => {
  it('once, and served as soon as something frees up', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.obey();
    const [grant] = rig.heard(stream, 'grant');
    rig.demand(stream, { waiting: 0, owned: 1, lastSeen: 2 });
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    const said = rig.messages(stream).map(({ body }) => body!.$case);
    expect(said.filter((name) => name === 'denied')).toHaveLength(1);
    expect(said).toContain('report');
    rig.say(stream, {
      $case: 'removed',
      value: { containerId: grant!.container!.id, grantId: grant!.grantId, reason: 'broke' },
    });
    expect(rig.take('remove')).toMatchObject([{ reason: 'failed' }]);
    rig.input({ kind: 'removed', containerId: grant!.container!.id });
    expect(rig.take('create')[0]!.request.note!.actionKey).toBe(other);
  });

  it('asks for reports at most every 20 ms', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    rig.obey();
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    expect(rig.heard(stream, 'report')).toHaveLength(1);
    rig.pass(19);
    expect(rig.heard(stream, 'report')).toHaveLength(0);
    rig.pass(1);
    expect(rig.heard(stream, 'report')).toHaveLength(1);
  });

  it('serves the longest waiter first', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    const blocker = rig.freeContainer(stream, { actionKey: 'guest|guest/blocker|1' });
    rig.state(stream, blocker, shareStates.UseState.BUSY);
    rig.demand(stream, { meanDurationMs: 1, actionKey: 'guest|guest/late|1', oldestWaitingMs: 5 });
    rig.demand(stream, { meanDurationMs: 1, actionKey: 'guest|guest/early|1', oldestWaitingMs: 50 });
    rig.answer(stream, 'drained', { containerId: blocker.container!.id, grantId: blocker.grantId });
    rig.demand(stream, { meanDurationMs: 1, actionKey: 'guest|guest/early|1', oldestWaitingMs: 51 });
    rig.obey();
    expect(rig.heard(stream, 'grant').map(({ actionKey }) => actionKey)).toEqual([]);
    expect(rig.states).toEqual(['creating']);
    expect([...rig.core.view.containers.values()][0]!.note!.actionKey).toBe('guest|guest/early|1');
  });
});
