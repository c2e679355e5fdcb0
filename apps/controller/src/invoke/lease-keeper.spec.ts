import { ManualClock } from '#clock';
import { silentLogger } from '#telemetry';
import { LeaseKeeper } from './lease-keeper';
import { World } from './load-balancer-under-test';

describe('lease keeper', () => {
  it('renews the stream after this process was stopped for a lease, even if it had none: what waits on it is too old', () => {
    const world = new World(1);
    let lapses = 0;
    const events = { lapsed: () => void (lapses += 1), superseded: () => undefined };
    const agents = { renewLease: () => new Promise<never>(() => undefined) };
    const keeper = new LeaseKeeper(world, agents, new ManualClock(), events, silentLogger);
    keeper.tick(1_000);
    keeper.tick(1_149);
    expect(lapses).toBe(0);
    keeper.tick(1_299);
    expect(lapses).toBe(1);
    keeper.tick(1_320);
    expect(lapses).toBe(1);
  });
});
