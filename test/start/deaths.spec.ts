// kill -9 of each process of a running Hearth: reported, repaired, and nothing is left over.
import { Guest } from '../support/guest';
import { type AppName, type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

describe('deaths', () => {
  let platform: Platform;
  let guest: Guest;
  beforeEach(async () => {
    platform = await startPlatform({ env: { LIMIT_SUSPEND_GRACE_MS: '5' } });
    guest = new Guest(platform);
    await guest.putAction('alive', 'function main() { return { alive: true } }');
    expect((await guest.invoke('alive')).status).toBe(200);
  });
  afterEach(() => platform.stop());

  it.each<AppName>(['controller', 'scheduler', 'agent'])(
    'of the %s: reported, restarted, actions run again',
    async (app) => {
      await platform.killAndAwaitRestart(app);
      expect(platform.output).toContain(`hearth: ${app}: died (SIGKILL); starting it again in 1 s\n`);
      expect(platform.output).toMatch(new RegExp(`^hearth: ${app}: ready again \\(after \\d+\\.\\d s\\)$`, 'm'));
      // A controller's use leases were ended at the agent, without a word of trouble.
      expect(platform.output).not.toContain('use leases');
      const answer = await guest.invoke('alive', {}, 'blocking=true&result=true');
      expect([answer.status, answer.json]).toEqual([200, { alive: true }]);
    },
  );

  it('of the agent: its containers die with it, frozen ones included', async () => {
    const containers = await until('a frozen container', () => {
      const frozen = platform.processes().filter(({ state }) => state === 'T');
      return frozen.length > 0 && frozen.map(({ pid }) => pid);
    });
    platform.kill('agent');
    await until('the containers are gone', () => !platform.processes().some(({ pid }) => containers.includes(pid)));
    await until('the agent is back', () => platform.record.isReady);
  });

  it('of the supervisor: everything ends by itself, and the next start works at once', async () => {
    const before = platform.processes().map(({ pid }) => pid);
    expect(await platform.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    const { dataDir } = platform;
    const again = await startPlatform({ dataDir });
    try {
      expect(again.processes().filter(({ pid }) => before.includes(pid))).toEqual([]);
      expect((await new Guest(again).invoke('alive')).status).toBe(200);
    } finally {
      await again.stop();
    }
  });

  it('of the supervisor and the agent in one moment: no container outlives them', async () => {
    await until('a frozen container', () => platform.processes().some(({ state }) => state === 'T'));
    platform.kill('agent');
    await platform.end('SIGKILL');
    await until('nothing runs', () => platform.processes().length === 0, 30_000);
  });
});
