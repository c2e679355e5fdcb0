// Non-blocking invocations of two controllers that share a store: taken over before the start, settled once, run again only where asked for.
// Controllers are killed with SIGKILL and not started again.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../support/raw-http';
import { pause, until } from '../support/until';
import { type ControllerId, one, two, TwoControllers } from './two-controllers';

/** Notes that it ran, then takes its time if it is the first to run. */
const noting = `const { appendFileSync, readFileSync } = require('node:fs');
function main({ diary, ms = 0, dies = 0, error }) {
  appendFileSync(diary, 'x');
  const run = readFileSync(diary, 'utf8').length;
  if (run <= dies) process.kill(process.pid, 'SIGKILL');
  return new Promise((done) => setTimeout(done, run === 1 ? ms : 0, error ? { error } : { run }));
}`;

const lost = 'The controller that ran this activation was lost, and its outcome is not known.';

describe('the queue of two controllers', () => {
  let cluster: TwoControllers;
  let directory: string;
  let diary: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-queue-'));
    diary = join(directory, 'runs');
    cluster = await TwoControllers.start({
      ...{ LIMIT_CLAIM_LEASE_MS: '900', LIMIT_CLAIM_POLL_MS: '100' },
      ...{ LIMIT_SWEEP_GRACE_MS: '200', LIMIT_SWEEP_INTERVAL_MS: '100' },
    });
  });
  afterEach(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true });
  });

  async function put(retries?: number): Promise<void> {
    const annotations = retries === undefined ? [] : [{ key: 'hearth-retries', value: retries }];
    await cluster.guest(one).putAction('noting', noting, { annotations, limits: { timeout: 1_000 } });
  }

  const fire = async (payload: Record<string, unknown>): Promise<string> => {
    const { status, json } = await cluster.guest(one).invoke('noting', { diary, ...payload }, '');
    expect(status).toBe(202);
    return json.activationId as string;
  };

  const demandsOf = (id: ControllerId) =>
    cluster.scheduler.all(id, 'demand').filter(({ actionKey }) => actionKey.includes('/noting|'));

  const waitingNow = (id: ControllerId): number => demandsOf(id).at(-1)?.waiting ?? 0;

  /** Which of these has claimed it and asks for a container. */
  const claimer = (ids: readonly ControllerId[] = [one, two]): Promise<ControllerId> =>
    until('somebody waits for a container', () => ids.find((id) => waitingNow(id) > 0));

  const serve = async (id: ControllerId): Promise<void> => {
    await cluster.node.grant(id, await cluster.keyOf('noting'));
  };

  /** Serves whoever waits until the promise is settled; what was said before a grant asks for nothing more. */
  const serveUntil = async <T>(over: Promise<T>): Promise<T> => {
    const answered = { [one]: 0, [two]: 0 };
    let isOver = false;
    const ended = over.finally(() => (isOver = true));
    while (!isOver) {
      const id = [one, two].find((some) => demandsOf(some).length > answered[some] && waitingNow(some) > 0);
      if (id) await serve(id);
      if (id) answered[id] = demandsOf(id).length;
      await pause(20);
    }
    return ended;
  };

  /** The claimer is killed; answers the survivor. */
  const kill = async (id: ControllerId): Promise<ControllerId> => {
    await cluster.controllers[id].end('SIGKILL');
    return id === one ? two : one;
  };

  const attempts = (record: Json): unknown =>
    (record.annotations as { key: string; value: unknown }[]).find(({ key }) => key === 'hearth-attempts')?.value;

  /** Exactly one record, now and later. */
  const single = async (at: ControllerId): Promise<void> => {
    await pause(500);
    expect(await cluster.guest(at).recordCount('noting')).toBe(1);
  };

  it('has what a dead controller had claimed and not started run by the other', async () => {
    await put();
    const id = await fire({});
    const dead = await claimer();
    const survivor = await kill(dead);
    expect(await claimer([survivor])).toBe(survivor);
    await serve(survivor);
    const record = await cluster.guest(survivor).record(id);
    expect(record.response).toMatchObject({ status: 'success', result: { run: 1 } });
    expect(attempts(record)).toBeUndefined();
    await single(survivor);
  });

  it('settles what a dead controller had started as a whisk internal error that says why, and does not run it again', async () => {
    await put();
    const id = await fire({ ms: 900 });
    const dead = await claimer();
    await serve(dead);
    await until('it runs', () => existsSync(diary));
    const survivor = await kill(dead);
    const record = await cluster.guest(survivor).record(id);
    expect(record.response).toMatchObject({ status: 'whisk internal error', success: false, result: { error: lost } });
    expect(attempts(record)).toBeUndefined();
    expect(waitingNow(survivor)).toBe(0);
    await single(survivor);
  });

  it('runs it again if its action asks for that, under the same id, with the number of attempts in its one record', async () => {
    await put(1);
    const id = await fire({ ms: 900 });
    const dead = await claimer();
    await serve(dead);
    await until('it runs', () => existsSync(diary));
    const survivor = await kill(dead);
    await claimer([survivor]);
    await serve(survivor);
    const record = await cluster.guest(survivor).record(id);
    expect(record.response).toMatchObject({ status: 'success', result: { run: 2 } });
    expect(attempts(record)).toBe(2);
    await single(survivor);
  });

  it('runs again what lost its container, no more often than asked for', async () => {
    await put(2);
    const id = await fire({ dies: 9 });
    const record = await serveUntil(cluster.guest(one).record(id));
    expect(record.response).toMatchObject({ status: 'action developer error', success: false });
    expect(attempts(record)).toBe(3);
    expect(readFileSync(diary, 'utf8')).toBe('xxx');
    await single(one);
  });

  it('does not run an error of the application again', async () => {
    await put(2);
    const id = await fire({ error: 'no' });
    await serve(await claimer());
    const record = await cluster.guest(one).record(id);
    expect(record.response).toMatchObject({ status: 'application error', result: { error: 'no' } });
    expect(attempts(record)).toBe(1);
    await single(one);
  });
});
