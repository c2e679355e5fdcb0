// Alarms of a cluster: two controllers, of which one dies, fire every due time once.
import { Cluster } from '../support/cluster';
import type { Guest } from '../support/guest';
import { guestKey } from '../support/platform';
import { until } from '../support/until';

const alarmCount = 6;
const fireCount = 8;

describe('alarms with two controllers', () => {
  let cluster: Cluster;
  let guest: Guest;
  beforeAll(async () => {
    cluster = await Cluster.start({ schedulers: 1, agents: 1, controllers: 2 });
    guest = cluster.guest(0);
  }, 90_000);
  afterAll(() => cluster.stop(), 60_000);

  const put = async (path: string, body: object): Promise<void> => {
    expect((await guest.call('PUT', path, body)).status).toBe(200);
  };

  it('fire each due time once, though one is killed meanwhile', async () => {
    await guest.putAction('seen', 'function main(args) { return args }');
    const names = Array.from({ length: alarmCount }, (_, at) => `alarm${at}`);
    for (const name of names) {
      await put(`triggers/${name}`, { annotations: [{ key: 'feed', value: '/whisk.system/alarms/alarm' }] });
      await put(`rules/${name}-rule`, { trigger: `/_/${name}`, action: '/_/seen' });
      const answer = await guest.call('POST', '/api/v1/namespaces/whisk.system/actions/alarms/alarm?blocking=true', {
        lifecycleEvent: 'CREATE',
        triggerName: `/guest/${name}`,
        authKey: guestKey,
        cron: '* * * * * *',
        maxTriggers: fireCount,
        trigger_payload: { name },
      });
      expect(answer.status).toBe(200);
    }
    await until('some have fired', async () => (await guest.recordCount('alarm0')) >= 2);
    const killed = cluster.kill('controller1');
    await until('all have fired', async () => (await guest.recordCount('seen')) >= alarmCount * fireCount, 60_000);
    await cluster.restarted('controller1', killed);
    // Time for one more, if there were one.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const name of names) {
      const { json } = await guest.call('GET', `activations?name=${name}&docs=true&limit=200`);
      const starts = (json as unknown as { start: number }[]).map(({ start }) => start);
      expect(starts).toHaveLength(fireCount);
      // Each in another second: a second was never fired twice.
      expect(new Set(starts.map((start) => Math.floor(start / 1_000))).size).toBe(fireCount);
    }
    expect(await guest.recordCount('seen')).toBe(alarmCount * fireCount);
  }, 150_000);
});
