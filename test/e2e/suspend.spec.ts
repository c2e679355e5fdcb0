// A container that was suspended is resumed for the next run: 1,000 invocations with random gaps around a suspend grace of 5 ms.
import { seededRandom } from '#clock';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { pause } from '../support/until';

describe('suspend and resume', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform({ env: { LIMIT_SUSPEND_GRACE_MS: '5' } });
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  async function counted(verb: 'suspend' | 'resume'): Promise<number> {
    const line = new RegExp(`^hearth_agent_suspensions_total\\{verb="${verb}"\\} (\\d+)$`, 'm').exec(
      await platform.metrics('agent'),
    );
    return Number(line?.[1] ?? 0);
  }

  it('1,000 invocations at gaps of 0 to 12 ms all succeed, many of them in a container that was suspended', async () => {
    const seed = 20_261_121;
    const random = seededRandom(seed);
    await guest.putAction(
      'counter',
      'let runs = 0; function main({ n }) { runs++; return { n, runs, pid: process.pid } }',
    );
    const pids = new Set<number>();
    for (let n = 0; n < 1_000; n++) {
      const answer = await guest.invoke('counter', { n }, 'blocking=true&result=true');
      expect([n, answer.status, answer.json.n]).toEqual([n, 200, n]);
      pids.add(answer.json.pid as number);
      await pause(random() * 12);
    }
    expect(await counted('suspend')).toBeGreaterThan(100);
    expect(await counted('resume')).toBeGreaterThan(100);
    // No container was lost on the way.
    expect(pids.size).toBe(1);
  }, 120_000);
});
