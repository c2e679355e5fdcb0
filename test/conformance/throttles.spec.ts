// Replays what a real OpenWhisk answered that allowed 6 invocations a minute, 1 at once, and 2 fires a minute.
//
// The recording has a slow activation in flight where it needs one: `invoke.concurrent.over` comes while another is under way here, too.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';
import { Replay } from './replay';
import { idOf, readRecording } from './recording';

const credentials = {
  guest: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
  system: '789c46b1-71f6-4ed5-8c54-816aa4f8c502:abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

/** Longer than the replay from its first invocation to its last. */
const neededMs = 25_000;

describe('answers of a real OpenWhisk with low limits', () => {
  let platform: Platform;
  let replay: Replay;
  const slow: Promise<unknown>[] = [];

  beforeAll(async () => {
    platform = await startPlatform({
      env: {
        LIMIT_NAMESPACE_INVOCATIONS_PER_MINUTE: '6',
        LIMIT_NAMESPACE_CONCURRENT_INVOCATIONS_COUNT: '1',
        LIMIT_NAMESPACE_FIRES_PER_MINUTE: '2',
      },
    });
    replay = new Replay(platform.apiHost, credentials);
  }, 90_000);

  afterAll(async () => {
    await Promise.allSettled(slow);
    await platform.stop();
  }, 60_000);

  for (const recorded of readRecording(['throttle'], 'throttles.json')) {
    it(
      idOf(recorded),
      async () => {
        if (recorded.name === 'invoke.concurrent.over') {
          const guest = new Guest(platform);
          await until('a minute has begun', () => Date.now() % 60_000 < 60_000 - neededMs, neededMs + 5_000);
          slow.push(guest.invoke('thrslow'));
          await until('it is under way', async () =>
            /^hearth_invocations_in_flight [1-9]/m.test(await platform.metrics('controller')),
          );
        }
        if (recorded.name === 'invoke.1') await Promise.all(slow);
        expect(await replay.play(recorded)).toEqual([]);
      },
      90_000,
    );
  }
});
