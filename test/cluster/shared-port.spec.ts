// `CONTROLLERS=2 npm start`: two controllers behind one port, on the embedded defaults.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let guest: Guest;
beforeAll(async () => {
  platform = await startPlatform({ env: { CONTROLLERS: '2' } });
  guest = new Guest(platform);
});
afterAll(() => platform.stop());

/** Who takes a connection. */
const taker = async (): Promise<string> => (await guest.call('GET', '/health')).json.controller as string;

/** Of the processes that run now, by name. */
const pidOf = (name: string): number | undefined =>
  (platform.record.apps as Record<string, { pid: number }>)[name]?.pid;

const valueOf = async (metric: string): Promise<number> =>
  Number(new RegExp(`^${metric} (\\d+)`, 'm').exec(await platform.metrics('controller'))?.[1]);

it('hands connections to both in turn', async () => {
  const takers = [];
  for (let call = 0; call < 8; call += 1) takers.push(await taker());
  expect(takers.filter((name) => name === 'controller0')).toHaveLength(4);
  expect(takers.filter((name) => name === 'controller1')).toHaveLength(4);
});

it('runs what was written last, whoever took the writing', async () => {
  for (let n = 0; n < 12; n += 1) {
    await guest.putAction('versions', `function main() { return { n: ${n} } }`);
    // On two connections, so at both of them.
    for (let call = 0; call < 2; call += 1) {
      expect((await guest.invoke('versions', {}, 'blocking=true&result=true')).json).toEqual({ n });
    }
  }
});

it('uses a container that the other one has', async () => {
  await guest.putAction('shared', 'let runs = 0; function main() { runs += 1; return { runs } }');
  const runs: number[] = [];
  for (let call = 0; call < 10; call += 1) {
    const { json } = await guest.invoke('shared', {}, 'blocking=true&result=true');
    runs.push(json.runs as number);
  }
  // Each of the two makes one at the most.
  expect(runs.filter((count) => count === 1).length).toBeLessThanOrEqual(2);
});

it('goes on with the other one when one dies, and with both once it is back', async () => {
  await guest.putAction('survivor', 'function main() { return { ok: true } }');
  const killed = pidOf('controller0')!;
  process.kill(killed, 'SIGKILL');
  await until('the supervisor knows', () => pidOf('controller0') !== killed);
  for (let call = 0; call < 6; call += 1) {
    expect((await guest.invoke('survivor', {}, 'blocking=true&result=true')).json).toEqual({ ok: true });
  }
  await until('both take connections again', async () => new Set([await taker(), await taker()]).size === 2);
});

it('says how late the event loop is', async () => {
  expect(await platform.metrics('controller')).toMatch(
    /^hearth_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m,
  );
});

it('resets nobody when it stops', async () => {
  await guest.putAction(
    'slow',
    'function main() { return new Promise((done) => setTimeout(() => done({ ok: true }), 800)) }',
  );
  await guest.invoke('slow');
  const calls = Array.from({ length: 6 }, () => guest.invoke('slow', {}, 'blocking=true&result=true'));
  await until('all are under way', async () => (await valueOf('hearth_invocations_in_flight')) >= 2);
  const ended = platform.end('SIGTERM');
  const answers = await Promise.all(calls);
  expect(answers.map(({ json }) => json as unknown)).toEqual(calls.map(() => ({ ok: true })));
  expect(await ended).toEqual({ code: 0, signal: null });
});
