// Orphans: containers whose owner's use lease has lapsed, by the word of their node; and what follows when that word is older than another.
import { shareStates } from '#protocol';
import { CoreRig, noteOf } from '../../../../test/scheduler/core-rig';

const { BUSY, FREE } = shareStates.UseState;

describe('orphans', () => {
  it('removes the containers of a superseded incarnation as orphans, and asks again when the lease has lapsed', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const { id } = rig.freeContainer(stream).container!;
    rig.hello('controller0', { incarnation: 2n });
    expect(rig.heard(stream, 'superseded')).toEqual([{ incarnation: 2n }]);
    expect(rig.take('close')).toMatchObject([{ stream, code: 'superseded' }]);
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.container(id)).toBe('unclaimed');
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    rig.input({ kind: 'removed', containerId: id });
    expect(rig.core.view.containers.size).toBe(0);
  });

  it('believes what the owner said of a container while it could not be removed as an orphan', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    const { container, grantId, actionKey } = rig.freeContainer(first);
    const { id } = container!;
    rig.input({ kind: 'stream-closed', stream: first });
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    const claim = { containerId: id, grantId, actionKey, state: FREE, idleMs: 5 };
    rig.hello('controller0', { containers: [claim] });
    rig.heartbeat('node0', { lapsed: [] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.container(id)).toBe('free');
  });

  it('believes what the owner said on its stream while a container could not be removed as an orphan', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    const { id } = free.container!;
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    rig.free(stream, free);
    rig.messages(stream);
    rig.heartbeat('node0', { lapsed: [] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.container(id)).toBe('free');
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    rig.state(stream, free, BUSY);
    rig.heartbeat('node0', { lapsed: [] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.container(id)).toBe('busy');
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('stale-grant') });
    expect(rig.container(id)).toBe('unclaimed');
  });

  it('does not keep a container that its owner no longer listed while it could not be removed as an orphan', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    const { id } = rig.freeContainer(first).container!;
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    rig.hello();
    rig.heartbeat('node0', { lapsed: [] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'disowned' }]);
    rig.input({ kind: 'removed', containerId: id });
    expect(rig.states).toEqual([]);
  });

  it('does not take a container for disowned that this stream claimed while it was being removed', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const first = rig.hello();
    const free = rig.freeContainer(first);
    const { id } = free.container!;
    const lapsed = [{ controllerId: 'controller0', incarnation: 1n }];
    const refuse = (): void => {
      expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
      rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    };
    rig.heartbeat('node0', { lapsed });
    const claim = { containerId: id, grantId: free.grantId, actionKey: free.actionKey, state: FREE, idleMs: 5 };
    rig.hello('controller0', { containers: [claim] });
    refuse();
    expect(rig.container(id)).toBe('free');
    rig.heartbeat('node0', { lapsed });
    refuse();
    expect(rig.take('remove')).toEqual([]);
    expect(rig.container(id)).toBe('free');
  });

  it('believes a Hello rather than an inventory that was asked for before it', () => {
    const rig = new CoreRig();
    const note = noteOf();
    rig.node('node0', {}, [rig.row('node0-a', { note })]);
    const ask = (incarnation: bigint): ((state: string) => void) => {
      rig.heartbeat('node0', { incarnation });
      const { askedAt } = rig.take('inventory')[0]!;
      const lapsed = [{ controllerId: 'controller0', incarnation: '1' }];
      const said = { nodeId: 'node0', incarnation: `${incarnation}`, epoch: '1', memoryMb: 1_024, lapsed };
      const inventory = { ...said, containers: [rig.row('node0-a', { note })] };
      return (state) => {
        rig.input({ kind: 'inventory', nodeId: 'node0', askedAt, inventory });
        expect(rig.core.view.nodes.get('node0')!.hasInventory).toBe(true);
        expect(rig.container('node0-a')).toBe(state);
      };
    };
    const answerFromBefore = ask(2n);
    const { grantId, actionKey } = note;
    rig.hello('controller0', { containers: [{ containerId: 'node0-a', grantId, actionKey, state: FREE, idleMs: 5 }] });
    answerFromBefore('free');
    expect(rig.take('remove')).toEqual([]);
    ask(3n)('removing');
    expect(rig.take('remove')).toMatchObject([{ containerId: 'node0-a', reason: 'orphan' }]);
  });

  it('ends a container that its owner gave up while it could not be removed as an orphan', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    const free = rig.freeContainer(stream);
    const { id } = free.container!;
    rig.heartbeat('node0', { lapsed: [{ controllerId: 'controller0', incarnation: 1n }] });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    rig.answer(stream, 'drained', { containerId: id, grantId: free.grantId });
    rig.heartbeat('node0', { lapsed: [] });
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'drained' }]);
    rig.messages(stream);
    rig.input({ kind: 'removed', containerId: id });
    expect(rig.heard(stream, 'gone')).toEqual([]);
  });
});
