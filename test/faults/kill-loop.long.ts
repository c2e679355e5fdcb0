// Under load, one app after another is killed or frozen for two minutes. Afterwards every activation id that a client ever saw has exactly one
// record, what was answered is what was recorded, nothing was run to its end twice, and actions run. Same seed, same faults: HEARTH_SEED repeats a run.
import { seededRandom } from '#clock';
import { Guest } from '../support/guest';
import { type AppName, type Platform, startPlatform } from '../support/platform';
import type { RawAnswer } from '../support/raw-http';
import { pause, until } from '../support/until';
import { Diary } from './diary';

const seed = Number(process.env.HEARTH_SEED ?? Date.now() % 1_000_000);
const durationMs = 120_000;
const apps: readonly AppName[] = ['controller', 'scheduler', 'agent'];
/** What a client sees of a controller that is not there. */
const lostConnection = /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/;

describe(`faults under load (HEARTH_SEED=${seed})`, () => {
  let platform: Platform;
  let guest: Guest;
  let diary: Diary;
  beforeAll(async () => {
    platform = await startPlatform({
      env: {
        LIMIT_RESTART_BACKOFF_MS: '100',
        LIMIT_RESTART_BACKOFF_MOST_MS: '500',
        LIMIT_CLAIM_LEASE_MS: '3000',
        LIMIT_SUSPEND_GRACE_MS: '20',
        LIMIT_SWEEP_GRACE_MS: '2000',
      },
    });
    guest = new Guest(platform);
    diary = new Diary(platform.dataDir);
    for (const name of ['load-0', 'load-1', 'load-2']) {
      const late = 'new Promise((done) => setTimeout(() => { note(); done({ n }) }, ms))';
      const code = `${diary.source} function main({ n, ms }) { return ${late} }`;
      await guest.putAction(name, code, { limits: { timeout: 5_000, memory: 128 } });
    }
  }, 60_000);
  afterAll(() => platform.stop());

  it('every id ends as exactly one record', async () => {
    const random = seededRandom(seed);
    const over = performance.now() + durationMs;
    /** By activation id: what was answered with it, or undefined for a bare id. */
    const seen = new Map<string, RawAnswer | undefined>();

    const client = async (which: number, isBlocking: boolean): Promise<void> => {
      for (let n = 0; performance.now() < over; n++) {
        try {
          const payload = { n, ms: Math.floor(random() * 40) };
          const answer = await guest.invoke(`load-${which % 3}`, payload, isBlocking ? 'blocking=true' : '');
          const id = answer.headers['x-openwhisk-activation-id'] as string | undefined;
          if (id !== undefined) seen.set(id, answer.status === 202 ? undefined : answer);
          else expect([503, 500]).toContain(answer.status);
        } catch (error) {
          if (!lostConnection.test(String(error))) throw error;
          await pause(50);
        }
      }
    };

    const faults = async (): Promise<void> => {
      while (performance.now() < over) {
        await pause(500 + random() * 3_000);
        const app = apps[Math.floor(random() * apps.length)]!;
        if (platform.pid(app) === undefined) continue;
        if (random() < 0.7) {
          platform.kill(app);
        } else {
          const frozen = platform.kill(app, 'SIGSTOP');
          await pause(random() * 2_000);
          if (platform.pid(app) === frozen) process.kill(frozen, 'SIGCONT');
        }
      }
    };

    await Promise.all([...Array.from({ length: 6 }, (_, which) => client(which, which < 4)), faults()]);
    await until('all apps are back', () => platform.record.isReady, 60_000);
    expect(seen.size).toBeGreaterThan(500);

    const missing: string[] = [];
    const succeeded: string[] = [];
    for (const [id, answer] of seen) {
      const record = await guest.record(id, 60_000).catch(() => undefined);
      if (record?.response.success === true) succeeded.push(id);
      if (record === undefined) missing.push(id);
      else if (answer !== undefined) expect({ ...record, logs: [] }).toEqual(answer.json);
    }
    expect(missing).toEqual([]);
    diary.expectOnce(succeeded);
    for (const name of ['load-0', 'load-1', 'load-2']) {
      const answer = await guest.invoke(name, { n: -1, ms: 0 }, 'blocking=true&result=true');
      expect([answer.status, answer.json]).toEqual([200, { n: -1 }]);
    }
  }, 600_000);
});
