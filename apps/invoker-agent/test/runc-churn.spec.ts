// The short form of runc-churn.long.ts.
import { RuncDriver } from '../src/runc/runc-driver';
import { churn } from './churn';
import { countTaken } from './runc-machine';
import { RuncRig } from './runc-rig';

describe('churn of the runc driver', () => {
  const rig = new RuncRig();
  afterAll(() => rig.end());

  it('leaves no namespace, device, mount, cgroup, process, directory or open file', async () => {
    const settings = await rig.settings('churn', { preparedContainersCount: 2, namespaceStockCount: 2 });
    const { created, left, files } = await churn({
      open: () => new RuncDriver(settings),
      count: () => countTaken(settings.directory),
      containers: 6,
      actions: 5,
      forMs: 6_000,
      workers: 3,
      seed: 7,
    });
    expect(created).toBeGreaterThan(3);
    expect(new Set(Object.values(left))).toEqual(new Set([0]));
    expect(files[1]).toBeLessThanOrEqual(files[0] + 3);
  }, 120_000);
});
