import type { Clock } from '#clock';
import type { ContainerDriver } from './container-driver';
import { timedDriver } from './timed-driver';

describe('a timed driver', () => {
  let now = 0;
  const clock = { now: () => now } as Clock;
  const seen: unknown[] = [];
  class Slow {
    readonly name = 'slow';
    readonly addresses = ['a'];
    private count = 0;
    logs = (): undefined => undefined;
    async suspend(): Promise<void> {
      now += 5;
      this.count += 1;
    }
    async remove(): Promise<void> {
      now += 7;
      throw new Error('no');
    }
    async kill(): Promise<number> {
      return this.count;
    }
  }
  const driver = timedDriver(new Slow() as unknown as ContainerDriver, clock, (...what) => seen.push(what));

  it('tells what took how long, also when it failed, and is otherwise the one below', async () => {
    await driver.suspend('c');
    await expect(driver.remove('c')).rejects.toThrow('no');
    expect(await driver.kill('c')).toBe(1);
    expect([driver.name, driver.addresses, driver.logs('c')]).toEqual(['slow', ['a'], undefined]);
    expect(seen).toEqual([
      ['suspend', true, 5],
      ['remove', false, 7],
    ]);
  });
});
