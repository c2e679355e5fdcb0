// What a namespace's limit of concurrent invocations does to how many containers it gets at once.
import { CoreRig } from '../../../../test/scheduler/core-rig';
import { shareStates } from '#protocol';

const keyOf = (name: string, namespace = 'guest'): string => `${namespace}|${namespace}/${name}|1`;

function rigWith(limits = {}): CoreRig {
  const rig = new CoreRig({ limits });
  rig.node('node0', { memoryMb: 16_384, parallelCreations: 64 });
  return rig;
}

/** One waiter for each action. */
function ask(
  rig: CoreRig,
  stream: number,
  names: readonly string[],
  namespaceConcurrency: number,
  namespace = 'guest',
): void {
  for (const name of names) rig.demand(stream, { actionKey: keyOf(name, namespace), namespaceConcurrency });
}

const granted = (rig: CoreRig, stream: number): string[] =>
  rig.heard(stream, 'grant').map(({ actionKey }) => actionKey);

it('gives a namespace no more at once than its limit, over all of its actions and controllers', () => {
  const rig = rigWith();
  const [one, other] = [rig.hello('controller0'), rig.hello('controller1')];
  ask(rig, one, ['a', 'b'], 3);
  ask(rig, other, ['c', 'd', 'e'], 3);
  expect(rig.obey()).toBe(3);
  expect([...granted(rig, one), ...granted(rig, other)]).toEqual([keyOf('a'), keyOf('b'), keyOf('c')]);
  expect(rig.obey()).toBe(0);
});

it('counts what one demand has on its way, too', () => {
  const rig = rigWith();
  const stream = rig.hello();
  rig.demand(stream, { waiting: 40, meanDurationMs: 60_000, namespaceConcurrency: 5 });
  expect(rig.take('create')).toHaveLength(5);
});

it('goes on as soon as one is in use no more, and asks for that at once', () => {
  const rig = rigWith();
  const stream = rig.hello();
  ask(rig, stream, ['a', 'b'], 1);
  rig.obey();
  const [first] = rig.heard(stream, 'grant');
  rig.pass(rig.limits.reportIntervalMs);
  expect(rig.heard(stream, 'report')).not.toEqual([]);
  rig.free(stream, first!);
  expect(rig.obey()).toBe(1);
  expect(granted(rig, stream)).toEqual([keyOf('b')]);
});

it('takes no notice of other namespaces, or where no limit is said', () => {
  const rig = rigWith();
  const stream = rig.hello();
  ask(rig, stream, ['a', 'b'], 1);
  ask(rig, stream, ['a', 'b'], 2, 'other');
  ask(rig, stream, ['a', 'b', 'c'], 0, 'third');
  expect(rig.obey()).toBe(6);
});

it('what was cancelled while it was held back is forgotten', () => {
  const rig = rigWith();
  const stream = rig.hello();
  ask(rig, stream, ['a', 'b'], 1);
  rig.obey();
  const [first] = rig.heard(stream, 'grant');
  rig.demand(stream, { actionKey: keyOf('b'), waiting: 0 });
  rig.free(stream, first!);
  expect(rig.obey()).toBe(0);
});

it('what a controller had that is not connected any more counts for nothing', () => {
  const rig = rigWith();
  const [one, other] = [rig.hello('controller0'), rig.hello('controller1')];
  ask(rig, one, ['a'], 1);
  ask(rig, other, ['b'], 1);
  rig.obey();
  rig.input({ kind: 'stream-closed', stream: one });
  expect(rig.obey()).toBe(1);
  expect(granted(rig, other)).toEqual([keyOf('b')]);
});

it('a container that failed to be made is given back', () => {
  const rig = rigWith();
  const stream = rig.hello();
  ask(rig, stream, ['a', 'b'], 1);
  const [creation] = rig.take('create');
  const failure = { code: 'cannot-create', text: 'no such image' } as const;
  rig.input({ kind: 'create-failed', containerId: creation!.request.id, failure });
  expect(rig.take('create').map(({ request }) => request.note?.actionKey)).toEqual([keyOf('b')]);
});

it('use that is said again counts once', () => {
  const rig = rigWith();
  const stream = rig.hello();
  ask(rig, stream, ['a'], 2);
  rig.obey();
  const [first] = rig.heard(stream, 'grant');
  for (let turn = 0; turn < 3; turn += 1) rig.state(stream, first!, shareStates.UseState.BUSY);
  ask(rig, stream, ['b', 'c'], 2);
  expect(rig.obey()).toBe(1);
});
