// Faults while actions run: each invocation ends in the documented answer, its record is there exactly once, and the next one works.
import { expectAnswer, expectRecord } from '../support/answers';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { pause, until } from '../support/until';

const slow = 'function main({ ms = 0 }) { return new Promise((done) => setTimeout(done, ms, { pid: process.pid })) }';

describe('faults', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform({ env: { LIMIT_RESTART_BACKOFF_MS: '200', LIMIT_CLAIM_LEASE_MS: '3000' } });
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  /** Fails unless the next invocation works and the action has this many records, now and a moment later. */
  async function expectHealthy(name: string, records: number): Promise<void> {
    const next = await guest.invoke(name);
    expect([next.status, next.json.response.success]).toEqual([200, true]);
    await until(`${records + 1} records of ${name}`, async () => (await guest.recordCount(name)) >= records + 1);
    await pause(300);
    expect(await guest.recordCount(name)).toBe(records + 1);
  }

  it('kill -9 of the controller right after replies: every record is there after the restart', async () => {
    await guest.putAction('answered', slow);
    await guest.invoke('answered');
    const answers = await Promise.all(Array.from({ length: 8 }, () => guest.invoke('answered')));
    await platform.killAndAwaitRestart('controller');
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    for (const { json } of answers) {
      const record = await guest.record(json.activationId as string);
      expect({ ...record, logs: [] }).toEqual(json);
    }
    await expectHealthy('answered', 9);
  });

  it('kill -9 of the controller while it runs something: what was accepted without waiting ends once', async () => {
    await guest.putAction('accepted', slow);
    const answers = await Promise.all(Array.from({ length: 6 }, () => guest.invoke('accepted', { ms: 300 }, '')));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(202));
    await platform.killAndAwaitRestart('controller');
    for (const { json } of answers) {
      const { response } = await guest.record(json.activationId as string, 30_000);
      // Those that had not begun run now; those that had are not run twice.
      expect(['success', 'whisk internal error']).toContain(response.status);
    }
    await expectHealthy('accepted', 6);
  }, 60_000);

  it('a container killed from outside during a run: 502, and another takes its place', async () => {
    await guest.putAction('victim', slow);
    const { pid } = (await guest.invoke('victim')).json.response.result as { pid: number };
    const running = guest.invoke('victim', { ms: 5_000 });
    await pause(300);
    process.kill(pid, 'SIGKILL');
    const answer = await running;
    expectAnswer(answer, 502);
    const wanted = {
      name: 'victim',
      response: {
        status: 'action developer error',
        success: false,
        result: { error: 'The action did not produce a valid response and exited unexpectedly.' },
      },
    };
    expectRecord(answer.json, wanted);
    expectRecord(await guest.record(answer.json.activationId as string), wanted);
    await expectHealthy('victim', 2);
  });

  it('a container killed from outside while it is idle: nobody notices', async () => {
    await guest.putAction('idle-victim', slow);
    const { pid } = (await guest.invoke('idle-victim')).json.response.result as { pid: number };
    process.kill(pid, 'SIGKILL');
    await pause(100);
    await expectHealthy('idle-victim', 1);
  });

  it('code that never ends its initialisation: the time limit ends it, and the container with it', async () => {
    await guest.putAction('endless', 'for (;;);', { limits: { timeout: 1_000 } });
    const answer = await guest.invoke('endless');
    expectAnswer(answer, 502);
    expectRecord(answer.json, {
      name: 'endless',
      timedOut: true,
      isCold: true,
      limits: { timeout: 1_000 },
      response: {
        status: 'action developer error',
        success: false,
        result: { error: 'The action exceeded its time limits of 1000 milliseconds during initialization.' },
      },
    });
    await guest.putAction('endless', slow);
    await expectHealthy('endless', 1);
  });

  it('the agent restarted while idle: its containers are made anew', async () => {
    await guest.putAction('rebuilt', slow);
    const before = (await guest.invoke('rebuilt')).json.response.result.pid as number;
    await platform.killAndAwaitRestart('agent');
    await expectHealthy('rebuilt', 1);
    const after = (await guest.invoke('rebuilt')).json.response.result.pid as number;
    expect(after).not.toBe(before);
  });

  it('the agent killed during a run: the run ends in the documented answer, once', async () => {
    await guest.putAction('orphaned', slow);
    await guest.invoke('orphaned');
    const running = guest.invoke('orphaned', { ms: 5_000 });
    await pause(300);
    await platform.killAndAwaitRestart('agent');
    const answer = await running;
    expectAnswer(answer, 502);
    expect(answer.json.response.result.error).toBe(
      'The action did not produce a valid response and exited unexpectedly.',
    );
    await expectHealthy('orphaned', 2);
  });

  it('the scheduler killed: warm traffic goes on meanwhile, and cold starts work afterwards', async () => {
    await guest.putAction('warm', slow);
    await guest.invoke('warm');
    platform.kill('scheduler');
    for (let i = 0; i < 20; i++) {
      const answer = await guest.invoke('warm');
      expect(answer.status).toBe(200);
      expect(answer.json.annotations.some(({ key }: { key: string }) => key === 'initTime')).toBe(false);
    }
    await guest.putAction('cold', slow);
    expect((await guest.invoke('cold')).status).toBe(200);
    await until('the scheduler is back', () => platform.record.isReady);
    await expectHealthy('cold', 1);
  });
});
