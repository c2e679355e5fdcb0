// What one controller of a cluster can have wrong: another process with its id, a clock that is hours off.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { one, telling, two, TwoControllers } from './two-controllers';

const hoursMs = 5 * 3_600_000;

describe('a controller whose id another process has', () => {
  let cluster: TwoControllers;
  beforeAll(async () => {
    cluster = await TwoControllers.start({ LIMIT_RECORD_BATCH_MS: '60000' });
  });
  afterAll(() => cluster.stop());

  it('ends for good when it is superseded, says what to change, and stores what it has finished', async () => {
    await cluster.warm(two, 'last');
    const { controllers, scheduler } = cluster;
    const ended = new Promise((resolve) => controllers[two].whenEnded(resolve));
    scheduler.say(two, { $case: 'superseded', value: { incarnation: 99n } });
    expect(await ended).toBe(78);
    expect(controllers[two].output).toMatch(
      /^controller controller2: superseded \(incarnation 99 .*\)\. Give each controller a CONTROLLER_ID of its own;/m,
    );
    expect(await cluster.guest(one).recordCount('last')).toBe(1);
  });
});

describe('a controller whose clock is hours ahead', () => {
  let cluster: TwoControllers;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-clock-'));
    const shim = join(directory, 'clock.cjs');
    // The store's worker keeps the right clock: it is the store's.
    writeFileSync(
      shim,
      `const { isMainThread } = require('node:worker_threads');
      const { now } = Date;
      if (isMainThread) Date.now = () => now() + ${hoursMs};`,
    );
    const settings = { LIMIT_CLAIM_LEASE_MS: '900', LIMIT_CLAIM_POLL_MS: '100', LIMIT_SWEEP_INTERVAL_MS: '100' };
    cluster = await TwoControllers.start(settings, { NODE_OPTIONS: `--require ${shim}` });
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true });
  });

  it('serves cold, warm and forwarded calls, each with one record', async () => {
    const { key, pid } = await cluster.warm(two, 'plain');
    const warm = await cluster.guest(two).invoke('plain');
    expect(warm.json.response.result.pid).toBe(pid);
    // It does have the wrong clock.
    expect(Math.abs(Number(warm.json.start) - Date.now() - hoursMs)).toBeLessThan(hoursMs / 2);
    const forwarded = cluster.guest(one).invoke('plain');
    await cluster.scheduler.demand(one, 1, key);
    cluster.hint(one, key, cluster.address(two));
    const { status, json } = await forwarded;
    expect([status, json.response.result.pid]).toEqual([200, pid]);
    // What travels is how much is left.
    expect(Math.abs(Number(json.start) - Date.now())).toBeLessThan(hoursMs / 2);
    await cluster.expectRecords('plain', 3);
  });

  it.each([one, two])('runs what was accepted without blocking at %s, and does not think it too old', async (at) => {
    const name = `queued-${at}`;
    await cluster.guest(one).putAction(name, telling);
    const { json } = await cluster.guest(at).invoke(name, {}, '');
    const key = await cluster.keyOf(name);
    for (const id of [one, two]) await cluster.node.grant(id, key);
    const record = await cluster.guest(one).record(json.activationId as string);
    expect(record.response.status).toBe('success');
    expect(record.annotations.find((item: { key: string }) => item.key === 'waitTime').value).toBeLessThan(60_000);
    await cluster.expectRecords(name, 1);
  });
});
