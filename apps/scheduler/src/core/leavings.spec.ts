import { type Cordon, shareStates } from '#protocol';
import { CoreRig, demandOf, noteOf } from '../../../../test/scheduler/core-rig';

const order = (rig: CoreRig, cordon: Cordon, number: number): void =>
  rig.input({ kind: 'cordoned', nodeId: 'node0', cordon, number });
const drain = (rig: CoreRig): void => order(rig, 'draining', 1);
const evict = (rig: CoreRig, containerId: string): void => rig.input({ kind: 'evict', containerId });
const told = (rig: CoreRig): string[] =>
  rig.take('event').flatMap(({ subject, what }) => (subject === 'node' ? what : []));

/** A node with one container of the controller in use. */
function inUse(): { rig: CoreRig; stream: number; grant: shareStates.Grant; id: string } {
  const rig = new CoreRig();
  rig.node('node0');
  const stream = rig.hello();
  const grant = rig.freeContainer(stream);
  rig.state(stream, grant, shareStates.UseState.BUSY);
  rig.messages(stream);
  rig.take('event');
  return { rig, stream, grant, id: grant.container!.id };
}

describe('draining a node', () => {
  it('retires what runs there, removes it once its owner gave it up, and tells the progress', () => {
    const { rig, stream, id } = inUse();
    drain(rig);
    const [retire] = rig.heard(stream, 'retire');
    expect(retire!.containerId).toBe(id);
    expect(rig.take('remove')).toEqual([]);
    expect(told(rig)).toEqual(['draining', 'draining, 1 container left']);
    rig.answer(stream, 'drained', retire!);
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'drained' }]);
    rig.input({ kind: 'removed', containerId: id });
    expect(told(rig)).toEqual(['drained']);
  });

  it('asks owners for what is free as well', () => {
    const { rig, stream, grant, id } = inUse();
    rig.free(stream, grant);
    drain(rig);
    expect(rig.heard(stream, 'retire')).toMatchObject([{ containerId: id }]);
  });

  it('removes at once what nobody owns, and places nothing there', () => {
    const rig = new CoreRig({ stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }] });
    rig.node('node0');
    rig.obey();
    const [cell] = rig.core.view.containers.keys();
    drain(rig);
    expect(rig.take('remove')).toMatchObject([{ containerId: cell, reason: 'unbound' }]);
    rig.input({ kind: 'removed', containerId: cell! });
    const stream = rig.hello();
    rig.demand(stream);
    expect(rig.take('create')).toEqual([]);
  });

  it('lets what is being created serve who waits for it, and then retires it', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream);
    drain(rig);
    rig.obey();
    const words = rig.messages(stream).map(({ body }) => body!.$case);
    expect(words.slice(-2)).toEqual(['grant', 'retire']);
  });

  it('goes on with a new leader, on the word of the agent', () => {
    const rig = new CoreRig({ epoch: 2n });
    rig.node('node0', { cordoned: true, draining: true }, [rig.row('c1', { note: noteOf() })]);
    const claim = { containerId: 'c1', grantId: '1.1', actionKey: demandOf().actionKey, idleMs: 0 };
    const stream = rig.hello('controller0', { containers: [{ ...claim, state: shareStates.UseState.BUSY }] });
    expect(rig.heard(stream, 'retire')).toMatchObject([{ containerId: 'c1' }]);
  });

  it('tells again who fell back into use since its removal was refused', () => {
    const { rig, stream, grant, id } = inUse();
    drain(rig);
    rig.heard(stream, 'retire');
    rig.heartbeat('node0', {
      cordoned: true,
      draining: true,
      cordonNumber: 1,
      lapsed: [{ controllerId: 'controller0', incarnation: 1n }],
    });
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'orphan' }]);
    rig.input({ kind: 'remove-failed', containerId: id, failure: rig.failure('lease-lives') });
    expect(rig.heard(stream, 'retire')).toMatchObject([{ containerId: id, grantId: grant.grantId }]);
  });

  it('ends when the node is given back: what was given up since is used again', () => {
    const { rig, stream, id } = inUse();
    drain(rig);
    const [retire] = rig.heard(stream, 'retire');
    order(rig, 'open', 2);
    rig.answer(stream, 'drained', retire!);
    expect(rig.take('remove')).toEqual([]);
    expect(rig.container(id)).toBe('parked');
    rig.demand(stream);
    expect(rig.take('bind')).toMatchObject([{ containerId: id }]);
  });

  it('is only a cordon after a cordon', () => {
    const { rig, stream } = inUse();
    order(rig, 'cordoned', 1);
    expect(rig.heard(stream, 'retire')).toEqual([]);
    expect(told(rig)).toEqual(['cordoned']);
  });

  it('is not undone by a heartbeat that its agent composed before the order, nor by the answer to an earlier order', () => {
    const { rig } = inUse();
    order(rig, 'draining', 5);
    told(rig);
    rig.heartbeat('node0', { cordoned: false, draining: false, cordonNumber: 4 });
    order(rig, 'open', 3);
    expect(told(rig)).toEqual([]);
    expect(rig.core.view.nodes.get('node0')).toMatchObject({ isDraining: true, isUsable: false });
    rig.heartbeat('node0', { cordoned: true, draining: true, cordonNumber: 5 });
    expect(told(rig)).toEqual([]);
    rig.heartbeat('node0', { cordoned: false, draining: false, cordonNumber: 6 });
    expect(told(rig)).toEqual(['uncordoned']);
  });

  it('follows the orders of an agent that has lost its disk', () => {
    const { rig } = inUse();
    order(rig, 'draining', 5);
    rig.node('node0', { incarnation: 2n, cordoned: false, draining: false, cordonNumber: 0 });
    expect(rig.core.view.nodes.get('node0')).toMatchObject({ isDraining: false, isUsable: true });
  });
});

describe('evicting a container', () => {
  it('waits for what runs in it, and keeps it for nobody', () => {
    const { rig, stream, id } = inUse();
    evict(rig, id);
    evict(rig, id);
    const retires = rig.heard(stream, 'retire');
    expect(retires).toMatchObject([{ containerId: id }]);
    rig.answer(stream, 'drained', retires[0]!);
    expect(rig.take('remove')).toMatchObject([{ containerId: id, reason: 'drained' }]);
  });

  it('removes a stem cell at once, which is then replaced', () => {
    const rig = new CoreRig({ stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }] });
    rig.node('node0');
    rig.obey();
    const [cell] = rig.core.view.containers.keys();
    evict(rig, cell!);
    expect(rig.take('remove')).toMatchObject([{ containerId: cell, reason: 'unbound' }]);
    expect(rig.take('create')).toHaveLength(1);
  });

  it('waits for a creation', () => {
    const rig = new CoreRig();
    rig.node('node0');
    const stream = rig.hello();
    rig.demand(stream);
    const [creation] = rig.take('create');
    evict(rig, creation!.request.id);
    expect(rig.take('remove')).toEqual([]);
    rig.created(creation!.request.id);
    expect(rig.heard(stream, 'retire')).toMatchObject([{ containerId: creation!.request.id }]);
  });

  it('of what is unknown changes nothing', () => {
    const { rig } = inUse();
    evict(rig, 'nothing');
    expect(rig.take('remove')).toEqual([]);
  });
});
