import { shareStates } from '#protocol';
import { CoreRig } from '../../../../test/scheduler/core-rig';
import { mayTake } from './fairness';

describe('who may take from whom', () => {
  it.each([
    ['a key that owns nothing takes from any', { owned: 0, load: 1 }, { owned: 1, load: 50 }, true],
    ['nothing is taken from a key that owns nothing', { owned: 0, load: 1 }, { owned: 0, load: 1 }, false],
    ['a hot key does not take the last one of a rare key', { owned: 20, load: 120 }, { owned: 1, load: 1 }, false],
    ['nor one of two that are both needed', { owned: 1, load: 120 }, { owned: 2, load: 2 }, true],
    ['equals do not take from each other', { owned: 4, load: 40 }, { owned: 4, load: 40 }, false],
    ['nor where taking would only swap the roles', { owned: 4, load: 40 }, { owned: 5, load: 40 }, false],
    ['but from one that stays better off', { owned: 2, load: 40 }, { owned: 8, load: 40 }, true],
  ])('%s', (_, to, from, isAllowed) => {
    expect(mayTake(to, from)).toBe(isAllowed);
  });
});

describe('between controllers', () => {
  const hot = 'guest|guest/hot|1';
  const rare = 'guest|guest/rare|1';
  let rig: CoreRig;
  let seen: Map<number, number>;

  function grants(stream: number): shareStates.Grant[] {
    const messages = rig.messages(stream);
    const last = messages[messages.length - 1];
    if (last) seen.set(stream, last.number);
    return messages.flatMap(({ body }) => (body?.$case === 'grant' ? [body.value] : []));
  }

  /** Calls that go on for as long as the test does. */
  function own(stream: number, actionKey: string, count: number): shareStates.Grant[] {
    rig.demand(stream, { actionKey, waiting: count, meanDurationMs: 60_000 });
    while (rig.obey() > 0) continue;
    const own = grants(stream);
    expect(own).toHaveLength(count);
    rig.demand(stream, { actionKey, waiting: 0, inFlight: count, owned: count, lastSeen: seen.get(stream)! });
    return own;
  }

  function wait(stream: number, owned: number, oldestWaitingMs = 0): void {
    const lastSeen = seen.get(stream) ?? 0;
    const meanDurationMs = owned > 0 ? 60_000 : 0;
    const waiting = 50 - owned;
    rig.demand(stream, {
      actionKey: hot,
      waiting,
      inFlight: owned,
      owned,
      meanDurationMs,
      lastSeen,
      oldestWaitingMs,
    });
  }

  function pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 500) {
      rig.pass(500);
      rig.heartbeat('node0');
    }
  }

  const retired = (stream: number): { containerId: string; grantId: string }[] => rig.heard(stream, 'retire');

  beforeEach(() => {
    rig = new CoreRig();
    seen = new Map();
  });

  it('gives one that owns nothing of a key its share of what another has in use, and then leaves them alone', () => {
    rig.node('node0', { memoryMb: 512 });
    const [first, second] = [rig.hello('controller0'), rig.hello('controller1')];
    const owned = own(first, hot, 2);
    wait(second, 0);
    rig.pass(499);
    expect(retired(first)).toEqual([]);
    pass(1_000);
    const [retire, ...more] = retired(first);
    expect(more).toEqual([]);
    expect(owned.map(({ grantId }) => grantId)).toContain(retire!.grantId);
    // Its present run ends. It was never free, so it is not known whether its runtime has ever run anything: another is made in its place.
    rig.answer(first, 'drained', retire!);
    while (rig.obey() > 0) continue;
    expect(grants(second)).toMatchObject([{ actionKey: hot }]);
    wait(second, 1, 1_500);
    pass(10_000);
    expect([...retired(first), ...retired(second)]).toEqual([]);
  });

  it('hands on the container itself where it is known to have run', () => {
    rig.node('node0', { memoryMb: 512 });
    const [first, second] = [rig.hello('controller0'), rig.hello('controller1')];
    const owned = own(first, hot, 2);
    for (const grant of owned) {
      rig.free(first, grant);
      rig.state(first, grant, shareStates.UseState.BUSY);
    }
    wait(second, 0);
    pass(1_000);
    const [retire] = retired(first);
    rig.answer(first, 'drained', retire!);
    expect(rig.take('remove')).toEqual([]);
    rig.obey();
    expect(grants(second)).toMatchObject([{ container: { id: retire!.containerId }, start: shareStates.Start.WARM }]);
    expect(rig.core.view.nodes.get('node0')).toMatchObject({ heldMb: 0, usedMb: 512, holds: { size: 0 } });
  });

  it('makes nothing more for a demand to which the container itself has gone', () => {
    rig.node('node0', { memoryMb: 512 });
    const [first, second] = [rig.hello('controller0'), rig.hello('controller1')];
    for (const grant of own(first, hot, 2)) {
      rig.free(first, grant);
      rig.state(first, grant, shareStates.UseState.BUSY);
    }
    rig.demand(second, { actionKey: hot });
    pass(1_000);
    rig.heartbeat('node0', { memoryMb: 1_024 });
    expect(rig.take('create')).toHaveLength(1);
    rig.answer(first, 'drained', retired(first)[0]!);
    expect(rig.take('bind')).toHaveLength(1);
    expect(rig.take('create')).toEqual([]);
  });

  it('takes nothing from a rare action for one that owns nothing of a hot one', () => {
    rig.node('node0', { memoryMb: 768 });
    const [first, second] = [rig.hello('controller0'), rig.hello('controller1')];
    const [ofRare] = own(first, rare, 1);
    own(first, hot, 2);
    rig.demand(first, {
      actionKey: hot,
      waiting: 100,
      inFlight: 2,
      owned: 2,
      meanDurationMs: 60_000,
      lastSeen: seen.get(first)!,
    });
    wait(second, 0);
    pass(1_500);
    const retires = retired(first);
    expect(retires).toHaveLength(1);
    expect(retires[0]!.grantId).not.toBe(ofRare!.grantId);
  });
});
