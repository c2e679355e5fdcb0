// Under load, one app after another is killed or frozen for two minutes or more. Afterwards every activation id that a client ever saw has exactly one
// record, what was answered is what was recorded, nothing was run to its end twice, and actions run. Same seed, same faults: HEARTH_SEED repeats a run.
import { seededRandom } from '#clock';
import { Guest } from '../support/guest';
import { type AppName, type Platform, startPlatform } from '../support/platform';
import type { RawAnswer } from '../support/raw-http';
import { pause, until } from '../support/until';
import { invokeUntil, quickRestarts } from './clients';
import { Diary } from './diary';

const seed = Number(process.env.HEARTH_SEED ?? Date.now() % 1_000_000);
const durationMs = 120_000;
/** Fewer ids prove nothing: a machine that is busy with other things takes longer for them, up to a bound. */
const enoughIds = 500;
const durationMostMs = 360_000;
const apps: readonly AppName[] = ['controller', 'scheduler', 'agent'];

describe(`faults under load (HEARTH_SEED=${seed})`, () => {
  let platform: Platform;
  let guest: Guest;
  let diary: Diary;
  beforeAll(async () => {
    platform = await startPlatform({
      env: { ...quickRestarts, LIMIT_SUSPEND_GRACE_MS: '20' },
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
    const began = performance.now();
    /** By activation id: what was answered with it, or undefined for a bare id. */
    const seen = new Map<string, RawAnswer | undefined>();

    const isOver = (): boolean => {
      const passedMs = performance.now() - began;
      return passedMs >= durationMs && (seen.size > enoughIds || passedMs >= durationMostMs);
    };

    const client = (which: number, isBlocking: boolean): Promise<void> =>
      invokeUntil(
        isOver,
        (n) => {
          const payload = { n, ms: Math.floor(random() * 40) };
          return guest.invoke(`load-${which % 3}`, payload, isBlocking ? 'blocking=true' : '');
        },
        (id, answer) => seen.set(id, answer.status === 202 ? undefined : answer),
      );

    const faults = async (): Promise<void> => {
      while (!isOver()) {
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
    expect(seen.size).toBeGreaterThan(enoughIds);

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
  }, 900_000);
});
