// The tables of the contract against a platform on one store: one platform, started for all of them.
import { runCommand } from '../../identity/commands';
import { guestKey, type Platform, startPlatform } from '../../support/platform';
import { until } from '../../support/until';
import { TableAsker } from './asker';
import { tables } from './tables';

const credentials = {
  guest: guestKey,
  system: guestKey.replace('23bc46b1', '789c46b1').replace(':123zO3x', ':abczO3x'),
  second: `44444444-2222-4333-8444-555555555555:${'w'.repeat(64)}`,
  limited: `55555555-2222-4333-8444-555555555555:${'y'.repeat(64)}`,
};
/** Of the subject whose limits are reached. */
const limits = ['--invocationsPerMinute', '3', '--firesPerMinute', '2', '--concurrentInvocations', '5'];

export function describeTables(store: 'sqlite' | 'postgres'): void {
  let platform: Platform;
  let asker: TableAsker;

  beforeAll(async () => {
    platform = await startPlatform({ store, kinds: 'nodejs:20' });
    asker = new TableAsker(platform.apiHost, credentials);
    for (const subject of ['second', 'limited'] as const) {
      const made = await runCommand(['user', 'create', subject, '-u', credentials[subject]], platform.commandEnv);
      if (made.code !== 0) throw new Error(`user create ${subject}: ${made.said}`);
    }
    const set = await runCommand(['limits', 'set', 'limited', ...limits], platform.commandEnv);
    if (set.code !== 0) throw new Error(`limits set: ${set.said}`);
  }, 120_000);
  afterAll(() => platform?.stop(), 60_000);

  describe.each(tables)('$section $title', ({ given = [], withinMs, rows }) => {
    beforeAll(async () => {
      for (const one of given) await asker.prepare(one);
      const minuteMs = 60_000;
      if (withinMs !== undefined)
        await until('a minute has begun', () => Date.now() % minuteMs < minuteMs - withinMs, 2 * withinMs);
    }, 60_000);
    it.each(rows)('$rule ($ask)', (row) => asker.check(row), 90_000);
  });
}
