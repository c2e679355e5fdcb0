// Nodes that come and go, and streams that do not behave: what the core makes of them.
import { protocolVersion } from '#protocol';
import { CoreRig, demandOf } from '../../../../test/scheduler/core-rig';

const other = 'guest|guest/other|1';

describe('nodes', () => {
  it('get nothing new when suspected; when gone, what was on its way from there is made elsewhere', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 2_048 });
    rig.node('node1');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    expect(rig.take('create')[0]!.agent.nodeId).toBe('node0');
    rig.pass(2_500);
    rig.heartbeat('node1');
    rig.pass(500);
    rig.demand(stream, { meanDurationMs: 1, actionKey: other });
    expect(rig.take('create')[0]!.agent.nodeId).toBe('node1');
    for (let second = 0; second < 8; second += 1) {
      rig.pass(1_000);
      rig.heartbeat('node1');
    }
    expect(rig.take('create').map(({ agent }) => agent.nodeId)).toEqual(['node1']);
    expect(rig.heard(stream, 'gone')).toEqual([]);
  });

  it('get nothing new while their agent refuses connections, and nobody is told that it failed', () => {
    const rig = new CoreRig();
    rig.node('node0', { memoryMb: 1_024 });
    rig.node('node1', { memoryMb: 4_096 });
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    const [first] = rig.take('create');
    expect(first!.agent.nodeId).toBe('node1');
    rig.input({ kind: 'create-failed', containerId: first!.request.id, failure: rig.failure('absent') });
    const [second] = rig.take('create');
    expect(second!.agent.nodeId).toBe('node0');
    rig.created(second!.request.id);
    const heard = rig.messages(stream).map(({ body }) => body!.$case);
    expect([heard.includes('grant'), heard.includes('failed')]).toEqual([true, false]);
    expect(rig.core.view.nodes.get('node1')!.state).toBe('suspected');
    // A node with errors in a former life is asked again at once.
    for (let time = 0; time < 4; time += 1) {
      rig.heartbeat('node1');
      rig.demand(stream, { meanDurationMs: 1, waiting: 1, actionKey: `other ${time}` });
      const [next] = rig.take('create').slice(-1);
      if (next?.agent.nodeId !== 'node1') break;
      rig.input({ kind: 'create-failed', containerId: next.request.id, failure: rig.failure('absent') });
    }
    expect(rig.core.view.nodes.get('node1')!.isBroken).toBe(true);
    rig.take('create');
    rig.node('node1', { incarnation: 2n });
    expect(rig.core.view.nodes.get('node1')!.isUsable).toBe(true);
  });

  it('count again after a new inventory when they come back', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const { id } = rig.freeContainer(stream).container!;
    const { note } = rig.core.view.containers.get(id)!;
    rig.pass(3_001);
    rig.pass(7_001);
    expect(rig.core.isReady).toBe(false);
    rig.heartbeat('node0');
    expect(rig.take('inventory')).toHaveLength(1);
    rig.inventory('node0', [rig.row(id, { note: note! })]);
    expect(rig.core.isReady).toBe(true);
    expect(rig.container(id)).toBe('free');
  });

  it('lose what an agent did not bring back from a restart, and owners are told', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    rig.heartbeat('node0', { incarnation: 2n });
    rig.inventory('node0', [], '2');
    expect(rig.heard(stream, 'gone')).toMatchObject([{ containerId: free.container!.id, grantId: free.grantId }]);
    expect(rig.core.view.nodes.get('node0')!.usedMb).toBe(0);
  });

  it('tell of containers that ended, which are removed without claiming their owner’s word', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const { container, grantId } = rig.freeContainer(stream);
    rig.heartbeat('node0', { exited: [{ containerId: container!.id, grantId, reason: 'killed' }] });
    expect(rig.heard(stream, 'gone')).toMatchObject([{ reason: 'killed' }]);
    expect(rig.take('remove')).toMatchObject([{ reason: 'disowned' }]);
    rig.heartbeat('node0', { exited: [{ containerId: container!.id, grantId, reason: 'killed' }] });
    expect(rig.take('remove')).toEqual([]);
  });

  it('an inventory that was asked for before a creation was confirmed does not undo it', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream, { meanDurationMs: 1 });
    const [create] = rig.take('create');
    rig.heartbeat('node0', { incarnation: 2n });
    rig.created(create!.request.id);
    rig.inventory('node0', [], '2');
    expect(rig.container(create!.request.id)).toBe('busy');
  });

  it('nor one from before a removal bring the container back', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    const { note } = rig.core.view.containers.get(free.container!.id)!;
    rig.heartbeat('node0', { incarnation: 2n });
    rig.say(stream, {
      $case: 'removed',
      value: { containerId: free.container!.id, grantId: free.grantId, reason: 'x' },
    });
    rig.obey();
    rig.inventory('node0', [rig.row(free.container!.id, { note: note! })], '2');
    expect(rig.core.view.containers.size).toBe(0);
  });

  it('a higher epoch that anybody has seen is passed on', () => {
    const rig = new CoreRig();
    rig.heartbeat('node0', { epoch: 9n });
    expect(rig.take('higher-epoch')).toEqual([{ kind: 'higher-epoch', epoch: 9n }]);
    rig.input({ kind: 'message', stream: 7, message: { number: 1, epoch: 12n, body: undefined } });
    expect(rig.take('higher-epoch')).toEqual([{ kind: 'higher-epoch', epoch: 12n }]);
  });
});

describe('streams', () => {
  it('need a Hello first', () => {
    const rig = new CoreRig();
    rig.input({
      kind: 'message',
      stream: 3,
      message: { number: 1, epoch: 0n, body: { $case: 'demand', value: demandOf() } },
    });
    expect(rig.take('close')).toMatchObject([{ stream: 3, code: 'bad-message' }]);
  });

  it('answer Welcome first, then number what they say by one', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello('controller0', { demands: [demandOf({ meanDurationMs: 1 })] });
    rig.obey();
    const messages = rig.messages(stream);
    expect(messages.map(({ number }) => number)).toEqual([1, 2]);
    expect(messages.map(({ body }) => body!.$case)).toEqual(['welcome', 'grant']);
    expect(messages[0]!.body!.value).toEqual({ protocolVersion });
  });

  it('buffer by containers and keys, not by traffic, for a controller that does not read', () => {
    const rig = new CoreRig({ limits: { reportIntervalMs: 1 } });
    rig.node('node0', { memoryMb: 256 });
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    for (let round = 0; round < 1_000; round += 1) {
      rig.demand(stream, { actionKey: other, meanDurationMs: 1 });
      rig.pass(300);
      rig.heartbeat('node0');
      rig.demand(stream, { actionKey: other, waiting: 0 });
      rig.free(stream, free);
    }
    expect(rig.core.view.sessions[0]!.outbox.size).toBeLessThan(6);
  });
});
