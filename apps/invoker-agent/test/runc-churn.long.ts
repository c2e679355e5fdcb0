// 200 containers of 100 actions that come and go for five minutes.
import { churn } from './runc-churn';
import { RuncRig } from './runc-rig';

describe('churn of the runc driver, long', () => {
  const rig = new RuncRig();
  afterAll(() => rig.end());

  it('leaves nothing after five minutes', async () => {
    const settings = await rig.settings('churn');
    const forMs = Number(process.env.HEARTH_CHURN_MS ?? 300_000);
    const churned = await churn({ settings, containers: 200, actions: 100, forMs, workers: 8, seed: 11 });
    process.stdout.write(`churn: ${JSON.stringify(churned)}\n`);
    expect(new Set(Object.values(churned.left))).toEqual(new Set([0]));
    expect(churned.files[1]).toBeLessThanOrEqual(churned.files[0] + 3);
  }, 900_000);
});
