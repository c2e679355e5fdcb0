// What the scheduler decides under load, in virtual time: how many containers a burst of first calls gets, and that a hot action cannot
// starve rare ones where there is room for few.
import { LoadedWorld } from './loaded-world';

const hot = 'guest|guest/hot|1';
const rares = Array.from({ length: 20 }, (_, at) => `guest|guest/rare${at}|1`);

describe('100 simultaneous first calls', () => {
  it('of 10 ms create at most 16 containers', () => {
    const world = new LoadedWorld(Array(2).fill({ memoryMb: 8_192, parallelCreations: 4 }));
    world.action(hot, 10);
    world.call(hot, 100);
    while (world.doneCount(hot) < 100 && world.nowMs < 10_000) world.step();
    expect(world.doneCount(hot)).toBe(100);
    expect(world.createdCount).toBeLessThanOrEqual(16);
    expect(world.nowMs).toBeLessThan(1_000);
  });

  it('of 2 s use all of the capacity within 2 s', () => {
    const world = new LoadedWorld(Array(2).fill({ memoryMb: 4_096, parallelCreations: 4 }));
    world.action(hot, 2_000);
    world.call(hot, 100);
    while (world.busyCount < 64 && world.nowMs < 10_000) world.step();
    expect(world.busyCount).toBe(64);
    expect(world.nowMs).toBeLessThanOrEqual(2_000);
    while (world.doneCount(hot) < 100 && world.nowMs < 20_000) world.step();
    expect(world.doneCount(hot)).toBe(100);
  });
});

describe('one hot and twenty rare actions with room for eight containers', () => {
  it.each([20, 300])('of %i ms: no rare call waits long, and the hot one gets most of the room', (durationMs) => {
    const world = new LoadedWorld([{ memoryMb: 1_024, parallelCreations: 4 }]);
    world.action(hot, durationMs);
    for (const key of rares) world.action(key, durationMs);
    const runMs = 20_000;
    while (world.nowMs < runMs) {
      // 60 callers who call again as soon as they are answered, and each rare action every five seconds.
      world.call(hot, 60 - world.underWay(hot));
      rares.forEach((key, at) => {
        if (world.nowMs % 5_000 === at * 250) world.call(key);
      });
      world.step();
    }
    const waits = rares.flatMap((key) => world.waits.get(key)!);
    expect(waits.length).toBeGreaterThanOrEqual(20 * (runMs / 5_000 - 1));
    for (const key of rares) expect(world.underWay(key)).toBeLessThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThan(3_000);
    // Eight containers can serve this many.
    expect(world.doneCount(hot)).toBeGreaterThan((0.5 * 8 * runMs) / durationMs);
  });
});
