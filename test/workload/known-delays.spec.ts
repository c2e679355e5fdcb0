// The driver as a user runs it, against a host whose every delay and mistake is known: what it prints must be that.
import { WebSocket } from 'ws';
import { type FakeAnswer, FakeApiHost, type FakeInvocation } from '../support/fake-api-host';
import { until } from '../support/until';
import { WorkloadDesk } from '../support/workload-command';

const desk = new WorkloadDesk();
const hosts: FakeApiHost[] = [];
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  desk.clear();
});

async function hostThat(answerOf: (invocation: FakeInvocation) => FakeAnswer): Promise<FakeApiHost> {
  const host = await FakeApiHost.start(answerOf);
  hosts.push(host);
  return host;
}

const scenario = (...lines: string[]): string =>
  ['name: test', 'scenarios:', '  - name: one', ...lines.map((line) => `    ${line}`)].join('\n');

/** The row of the first printed table, by column. */
function firstRow(out: string): Record<string, number> {
  const [names, values] = out
    .split('\n')
    .slice(0, 2)
    .map((line) => line.split(/ {2,}/));
  return Object.fromEntries(names!.map((name, at) => [name, Number(values![at]!.replace(/[,!]/g, ''))]));
}

/** No machine answers sooner than the host does; one that others keep busy may well answer later, so of several runs one has to be near. */
const slackMs = 90;
const runsMost = 4;

describe('against a host with known delays', () => {
  it('prints the percentiles that the delays have', async () => {
    // Of each 100: 80 take 20 ms, 15 take 150, 4 take 400, 1 takes 900.
    const delayOf = (n: number): number => (n < 80 ? 20 : n < 95 ? 150 : n < 99 ? 400 : 900);
    const host = await hostThat(({ n }) => ({ delayMs: delayOf((n * 37) % 100) }));
    const file = desk.file(scenario('requests: 1000', 'arrivals: { constant: { perSecond: 200 } }'));
    const known = { 'p50 ms': 20, 'p90 ms': 150, 'p99 ms': 400, 'p99.9 ms': 900, 'max ms': 900 };
    const later: Record<string, number>[] = [];
    for (let run = 0; run < runsMost; run += 1) {
      const { code, out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('known')]);
      expect(code).toBe(0);
      const row = firstRow(out);
      expect(row).toMatchObject({ requests: 1_000, ok: 1_000, errors: 0 });
      later.push(Object.fromEntries(Object.entries(known).map(([name, ms]) => [name, row[name]! - ms])));
      expect(Math.min(...Object.values(later[run]!))).toBeGreaterThan(-2);
      if (Math.max(...Object.values(later[run]!)) < slackMs) break;
    }
    expect(Math.min(...later.map((one) => Math.max(...Object.values(one))))).toBeLessThan(slackMs);
    const { whole } = desk.result(desk.out('known'));
    expect(whole.starts.warm!.count).toBeGreaterThanOrEqual(996);
    expect(whole.containers).toMatchObject({ seen: 4, runs: 1_000 });
    expect(host.actions.size).toBe(0);
  }, 120_000);

  it('counts latency from the intended start when the host stands still', async () => {
    // For a second from the hundredth request on nobody is answered.
    let stillUntil = 0;
    const host = await hostThat(({ n }) => {
      if (n === 100) stillUntil = performance.now() + 1_000;
      return { delayMs: Math.max(0, stillUntil - performance.now()) };
    });
    const file = desk.file(scenario('requests: 400', 'arrivals: { constant: { perSecond: 100 } }'));
    const { out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('still')]);
    // A quarter of the requests was due in that second and waited for half of it on average.
    const row = firstRow(out);
    expect(row['p90 ms']).toBeGreaterThan(400);
    expect(row['max ms']).toBeGreaterThan(990);
  });

  it('waits for records by polling', async () => {
    const host = await hostThat(() => ({ delayMs: 200 }));
    const file = desk.file(
      scenario('requests: 20', 'completion: polling', 'arrivals: { constant: { perSecond: 100 } }'),
    );
    const { out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('polled')]);
    const row = firstRow(out);
    expect(row).toMatchObject({ ok: 20, errors: 0 });
    expect(row['p50 ms']).toBeGreaterThanOrEqual(200);
  });
});

describe('answers that are not what they should be', () => {
  it('are counted by kind: refused, failed, cut, swapped, lost; 429 with advice', async () => {
    const record = (status: string): string =>
      JSON.stringify({ activationId: 'a', response: { status, result: { error: 'it broke' } } });
    const answers: FakeAnswer[] = [
      {},
      { status: 429, body: '{"error":"Too many requests in the last minute (count: 61, allowed: 60).","code":"x"}' },
      { status: 503, body: '{"error":"full"}' },
      { status: 502, body: record('application error') },
      { status: 502, body: record('action developer error') },
      { status: 502, body: record('whisk internal error') },
      { status: 404, body: '{"error":"The requested resource does not exist."}' },
      { isCut: true },
      { reports: 'somebody-else' },
      { isSilent: true },
      { status: 200, body: 'what' },
    ];
    const host = await hostThat(({ n }) => answers[n % answers.length]!);
    const file = desk.file(scenario('requests: 44', 'answerWithinMs: 500', 'arrivals: { closed: { users: 1 } }'));
    const { code, out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('errors')]);
    expect(code).toBe(0);
    expect(desk.result(desk.out('errors')).whole.outcomes).toEqual({
      ok: 4,
      throttled: 4,
      unavailable: 4,
      'action-error': 4,
      'developer-error': 4,
      'platform-error': 4,
      refused: 4,
      disconnected: 4,
      swapped: 4,
      lost: 4,
      malformed: 4,
    });
    expect(out).toMatch(/4 requests throttled .*raise the namespace's invocations per minute/);
    expect(out).toContain('Too many requests in the last minute (count: 61, allowed: 60).');
    expect(host.actions.size).toBe(0);
  });

  it('are counted for call-backs, too: doubled, swapped, lost', async () => {
    const tell = (url: string, reports: readonly object[]): void => {
      const socket = new WebSocket(url);
      socket.on('open', () => {
        for (const w of reports) socket.send(JSON.stringify({ w }));
        setTimeout(() => socket.close(), 200);
      });
    };
    const host = await hostThat(({ n, id, activationId, callBackUrl }) => {
      const report = { i: id, a: activationId, c: 'c', n, b: 1, z: false, s: Date.now(), e: Date.now() };
      if (n % 4 === 0) tell(callBackUrl!, [report]);
      if (n % 4 === 1) tell(callBackUrl!, [report, report]);
      if (n % 4 === 2) tell(callBackUrl!, [{ ...report, a: 'f'.repeat(32) }]);
      return {};
    });
    const file = desk.file(
      scenario(
        'requests: 12',
        'completion: callback',
        'answerWithinMs: 1500',
        'arrivals: { constant: { perSecond: 20 } }',
      ),
    );
    await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('told')]);
    const { whole } = desk.result(desk.out('told'));
    expect(whole.outcomes).toEqual({ ok: 6, swapped: 3, lost: 3 });
    expect(whole.doubled).toBe(3);
  });
});

describe('faults of the driver and around it', () => {
  it('names line and field of a wrong file, and a trace that is not there', async () => {
    const file = desk.file(
      scenario('requests: 5', 'arrivals: { poisson: { perSecond: 5 } }', 'colour: red'),
      'wrong.yaml',
    );
    const wrong = await desk.run(['run', file, '--apihost', 'http://127.0.0.1:1']);
    expect(wrong.code).toBe(2);
    expect(wrong.said).toContain(`${file}:6: scenarios[0].colour: is no field here; there are name, group, after`);
    const trace = await desk.run([
      'run',
      desk.file(scenario('arrivals: { counts: { csv: none.csv } }'), 'trace.yaml'),
      '--apihost',
      'http://127.0.0.1:1',
    ]);
    expect([trace.code, trace.said]).toEqual([2, expect.stringContaining('none.csv cannot be read')]);
  });

  it('says in one sentence that the host is down', async () => {
    const { code, said } = await desk.run(['run', 'one-action', '--apihost', 'http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(said).toContain(
      'http://127.0.0.1:1: cannot reach the API host (ECONNREFUSED); is it running, and is --apihost right?',
    );
  });

  it('leaves alone what a driver with the same names has made', async () => {
    const host = await hostThat(() => ({}));
    host.actions.set('mine-one-0', {});
    const file = desk.file(scenario('requests: 5', 'arrivals: { closed: { users: 1 } }'));
    const { code, said } = await desk.run(['run', file, '--apihost', host.url, '--prefix', 'mine']);
    expect([code, [...host.actions.keys()]]).toEqual([1, ['mine-one-0']]);
    expect(said).toContain(
      'there is an action mine-one-0 already: another driver runs with this prefix, or one was killed',
    );
  });

  it('says that it has no file descriptors left, and still leaves a report', async () => {
    const host = await hostThat(() => ({ delayMs: 1_500 }));
    const file = desk.file(scenario('requests: 200', 'arrivals: { constant: { perSecond: 400 } }'));
    const { out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('few')], {
      shell: 'ulimit -n 80;',
    });
    const { outcomes } = desk.result(desk.out('few')).whole;
    expect(outcomes.descriptors).toBeGreaterThan(50);
    expect(outcomes.ok).toBeGreaterThan(10);
    expect(out).toMatch(
      /requests descriptors \(the driver had no file descriptor left \(ulimit -n\)\): raise `ulimit -n`/,
    );
    expect(host.actions.size).toBe(0);
  });

  it('says that it is behind its schedule', async () => {
    const host = await hostThat(() => ({ delayMs: 100 }));
    const file = desk.file(scenario('requests: 60', 'arrivals: { constant: { perSecond: 100 } }'));
    const { out } = await desk.run(['run', file, '--apihost', host.url, '--out', desk.out('behind')], {
      env: { LIMIT_DRIVER_CONNECTIONS_COUNT: '2' },
    });
    expect(out).toContain('(! the driver was behind its schedule)');
    expect(out).toMatch(/one: the driver fell behind its own schedule .* do not take them for the platform's\./);
  });

  it('ends with a partial report on Ctrl-C, and removes what it made', async () => {
    const host = await hostThat(() => ({ delayMs: 50 }));
    const file = desk.file(
      scenario('durationMs: 60000', 'actions: { count: 3 }', 'arrivals: { poisson: { perSecond: 50 } }'),
    );
    const { child, ended } = desk.start(['run', file, '--apihost', host.url, '--out', desk.out('part')]);
    await until('it has called', () => host.invocations.length > 20);
    expect(host.actions.size).toBe(3);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(host.actions.size).toBe(0);
    expect(out).toContain('It was stopped before its end');
    const result = desk.result(desk.out('part'));
    expect([result.isPartial, result.whole.requests]).toEqual([true, host.invocations.length]);
  });
});
