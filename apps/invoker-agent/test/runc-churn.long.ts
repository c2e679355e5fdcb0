// 200 containers of 100 actions that come and go for five minutes.
import { RuncDriver } from '../src/runc/runc-driver';
import { churn } from './churn';
import { countTaken } from './runc-machine';
import { RuncRig } from './runc-rig';

describe('churn of the runc driver, long', () => {
  const rig = new RuncRig();
  afterAll(() => rig.end());

  it('leaves nothing after five minutes', async () => {
    const settings = await rig.settings('churn');
    const runc = { open: () => new RuncDriver(settings), count: () => countTaken(settings.directory) };
    const forMs = Number(process.env.HEARTH_CHURN_MS ?? 300_000);
    const churned = await churn({ ...runc, containers: 200, actions: 100, forMs, workers: 8, seed: 11 });
    process.stdout.write(`churn: ${JSON.stringify(churned)}\n`);
    expect(new Set(Object.values(churned.left))).toEqual(new Set([0]));
    expect(churned.files[1]).toBeLessThanOrEqual(churned.files[0] + 3);
  }, 900_000);
});
