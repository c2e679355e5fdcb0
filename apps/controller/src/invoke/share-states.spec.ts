// The controller's side of share-states, as transcripts: what happens, and what is sent for it.
import { shareStates as wire } from '#protocol';
import { ShareStates, type Truth } from './share-states';
import { UseReport } from './use-report';

class FakeTruth implements Truth<string> {
  waiting = new Map<string, number>();
  free = new Set<string>();
  private readonly known = new Map<string, UseReport<string>>();
  report(containerId: string): UseReport<string> {
    const report = this.known.get(containerId) ?? new UseReport(containerId);
    this.known.set(containerId, report);
    return report;
  }
  reports(): UseReport<string>[] {
    return [...this.free].map((containerId) => this.report(containerId));
  }
  container(containerId: string): wire.HelloContainer {
    return { ...this.state(containerId), actionKey: 'k' };
  }
  mean = 0;
  owned = 0;
  oldestWaitingMs = 0;
  demand(key: string): wire.Demand {
    const facts = {
      kind: 'nodejs:20',
      image: '',
      memoryMb: 256,
      concurrency: 1,
      logLimitMb: 10,
      namespaceConcurrency: 0,
      inFlight: 0,
      owned: this.owned,
    };
    const times = { meanDurationMs: this.mean, oldestRunningMs: 0, oldestWaitingMs: this.oldestWaitingMs, lastSeen: 0 };
    return { actionKey: key, ...facts, ...times, waiting: this.waiting.get(key) ?? 0 };
  }
  waitingKeys(): string[] {
    return [...this.waiting.keys()];
  }
  state(containerId: string): wire.ContainerState {
    const state = this.free.has(containerId) ? wire.UseState.FREE : wire.UseState.BUSY;
    return { containerId, grantId: '1.1', state, idleMs: 0 };
  }
}

const limits = {
  demandCoalesceMs: 20,
  demandSteadyMs: 100,
  freeReportedAfterMs: 100,
  demandLightMs: 20,
  turnsPerContainerCount: 4,
};
const identity = { controllerId: 'c0', incarnation: 3n, address: '' };
const from = (number: number, epoch: bigint, body: wire.SchedulerMessage['body']): wire.SchedulerMessage => ({
  number,
  epoch,
  body,
});
const welcome = { $case: 'welcome', value: { protocolVersion: 1 } } as const;

function open() {
  const truth = new FakeTruth();
  const side = new ShareStates(identity, truth, limits);
  const sent = (now: number) =>
    side.due(now).map(({ number, body }) => {
      if (body?.$case === 'demand')
        return `${number} demand ${body.value.actionKey} ${body.value.waiting} seen ${body.value.lastSeen}`;
      if (body?.$case === 'states')
        return `${number} states ${body.value.states.map((s) => `${s.containerId}=${s.state}`).join()}`;
      return `${number} ${body?.$case}`;
    });
  return { truth, side, sent };
}

describe('share-states, controller side', () => {
  it('says Hello first on every stream, with everything that is open', () => {
    const { truth, side } = open();
    truth.waiting.set('k', 2);
    truth.free.add('c1');
    expect(side.due(0)).toEqual([]);
    expect(side.opened(0)).toBe(1);
    const [hello] = side.due(0);
    expect(hello?.number).toBe(1);
    expect(hello?.body).toMatchObject({
      $case: 'hello',
      value: { generation: 1, containers: [{ containerId: 'c1' }], demands: [{ waiting: 2 }] },
    });
    side.closed();
    expect(side.opened(10)).toBe(2);
    expect(side.due(10).map(({ number }) => number)).toEqual([1]);
  });

  it('sends the first demand of a key at once and coalesces the later ones', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.waiting.set('k', 1);
    side.demandChanged('k', 5);
    expect(sent(5)).toEqual(['2 demand k 1 seen 0']);
    truth.waiting.set('k', 2);
    side.demandChanged('k', 6);
    truth.waiting.set('k', 7);
    side.demandChanged('k', 8);
    expect(sent(24)).toEqual([]);
    expect(sent(25)).toEqual(['3 demand k 7 seen 0']);
    truth.waiting.delete('k');
    side.demandChanged('k', 26);
    expect(sent(45)).toEqual(['4 demand k 0 seen 0']);
    expect(sent(5_000)).toEqual([]);
  });

  it('asks no more about a key for which nobody waits, and coalesces what comes before that', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    const asked = jest.spyOn(truth, 'demand');
    truth.waiting.set('k', 1);
    side.demandChanged('k', 5);
    expect(sent(5)).toEqual(['2 demand k 1 seen 0']);
    truth.waiting.delete('k');
    side.demandChanged('k', 6);
    expect(sent(25)).toEqual(['3 demand k 0 seen 0']);
    truth.waiting.set('k', 1);
    expect(side.demandChanged('k', 44)).toBe(false);
    expect(sent(45)).toEqual(['4 demand k 1 seen 0']);
    truth.waiting.delete('k');
    side.demandChanged('k', 46);
    expect(sent(65)).toEqual(['5 demand k 0 seen 0']);
    expect(asked).toHaveBeenCalledTimes(4);
    expect([...sent(85), ...sent(5_000)]).toEqual([]);
    expect(asked).toHaveBeenCalledTimes(4);
    truth.waiting.set('k', 1);
    expect(side.demandChanged('k', 5_000)).toBe(true);
    expect(sent(5_000)).toEqual(['6 demand k 1 seen 0']);
  });

  it('says nothing of waiters whose turn comes before a container could, and everything once one waits for longer', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    [truth.mean, truth.owned] = [1, 2];
    truth.waiting.set('k', 8);
    expect(side.demandChanged('k', 5)).toBe(true);
    expect(sent(5)).toEqual([]);
    expect(side.demandChanged('k', 6)).toBe(false);
    expect(sent(25)).toEqual([]);
    // Nothing changes any more, and is looked at all the same.
    truth.oldestWaitingMs = 20;
    expect(sent(45)).toEqual(['2 demand k 8 seen 0']);
    truth.oldestWaitingMs = 0;
    side.demandChanged('k', 50);
    expect(sent(65)).toEqual(['3 demand k 0 seen 0']);
    truth.waiting.set('k', 9);
    side.demandChanged('k', 70);
    expect(sent(85)).toEqual(['4 demand k 9 seen 0']);
  });

  it('repeats a demand that would be decided as before only now and then', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.mean = 1;
    truth.waiting.set('k', 10);
    side.demandChanged('k', 5);
    expect(sent(5)).toEqual(['2 demand k 10 seen 0']);
    truth.waiting.set('k', 12);
    side.demandChanged('k', 6);
    expect(sent(25)).toEqual([]);
    expect(sent(105)).toEqual(['3 demand k 12 seen 0']);
    truth.waiting.set('k', 30);
    side.demandChanged('k', 106);
    expect(sent(125)).toEqual(['4 demand k 30 seen 0']);
    truth.waiting.delete('k');
    side.demandChanged('k', 126);
    expect(sent(145)).toEqual(['5 demand k 0 seen 0']);
  });

  it('says nothing of a key that waited and was served before anybody was told', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.waiting.set('k', 1);
    side.demandChanged('k', 5);
    truth.waiting.delete('k');
    side.demandChanged('k', 5);
    expect(sent(6)).toEqual([]);
  });

  it('reports free after it has lasted, and busy as soon as it contradicts what was reported', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.free.add('c1');
    side.freed(truth.report('c1'), 0);
    expect(sent(99)).toEqual([]);
    side.busied(truth.report('c1'));
    expect(sent(200)).toEqual([]);
    side.freed(truth.report('c1'), 200);
    expect(sent(300)).toEqual(['2 states c1=2']);
    truth.free.delete('c1');
    side.busied(truth.report('c1'));
    expect(sent(301)).toEqual(['3 states c1=1']);
  });

  it('says nothing more of a container that was forgotten', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.free.add('c1').add('c2');
    side.freed(truth.report('c1'), 0);
    side.freed(truth.report('c2'), 0);
    side.forgotten(truth.report('c1'));
    expect(sent(100)).toEqual(['2 states c2=2']);
    truth.free.delete('c2');
    side.busied(truth.report('c2'));
    side.forgotten(truth.report('c2'));
    expect(sent(200)).toEqual([]);
  });

  it('counts on a new stream only what was said on it', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.free.add('c1').add('c2');
    side.freed(truth.report('c1'), 0);
    expect(sent(100)).toEqual(['2 states c1=2']);
    truth.free.delete('c1');
    side.closed();
    side.opened(200);
    expect(sent(200)).toEqual(['1 hello']);
    side.busied(truth.report('c1'));
    expect(sent(201)).toEqual([]);
    truth.free.delete('c2');
    side.busied(truth.report('c2'));
    expect(sent(202)).toEqual(['2 states c2=1']);
  });

  it('answers Report with everything that is free now and was not said to be', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    truth.free.add('c1');
    side.freed(truth.report('c1'), 0);
    expect(side.received(1, from(1, 1n, { $case: 'report', value: {} }))).toBeUndefined();
    expect(sent(1)).toEqual(['2 states c1=2']);
    expect(sent(200)).toEqual([]);
    truth.free.add('c2');
    side.freed(truth.report('c2'), 200);
    side.received(1, from(2, 1n, { $case: 'report', value: {} }));
    expect(sent(201)).toEqual(['3 states c2=2']);
    side.received(1, from(3, 1n, { $case: 'report', value: {} }));
    expect(sent(202)).toEqual([]);
  });

  it('names the last number that it saw, so that grants on their way count as supply', () => {
    const { truth, side, sent } = open();
    side.opened(0);
    side.due(0);
    side.received(1, from(4, 1n, welcome));
    truth.waiting.set('k', 1);
    side.demandChanged('k', 5);
    expect(sent(5)).toEqual(['2 demand k 1 seen 4']);
  });

  it('ignores older epochs and older streams', () => {
    const { side } = open();
    side.opened(0);
    expect(side.received(1, from(1, 5n, welcome))).toBe(welcome);
    expect(side.received(1, from(2, 4n, welcome))).toBeUndefined();
    side.closed();
    side.opened(1);
    expect(side.received(1, from(1, 6n, welcome))).toBeUndefined();
    expect(side.received(2, from(1, 5n, welcome))).toBe(welcome);
    expect(side.highestEpoch).toBe(5n);
  });
});
