// Containers that only their agent reaches: everything goes through its one port.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

describe('with CONTAINER_REACH=proxy', () => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'hearth-'));
  let platform: Platform;
  beforeAll(async () => {
    // So long a path leaves no room for a container's socket, which the controller on this host would use.
    const dataDir = join(directory, 'far'.repeat(30));
    mkdirSync(dataDir);
    platform = await startPlatform({ dataDir, env: { CONTAINER_REACH: 'proxy', LIMIT_SUSPEND_GRACE_MS: '50' } });
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const isSuspended = async (): Promise<boolean> =>
    /hearth_agent_containers\{state="suspended"\} [1-9]/.test(await platform.metrics('agent'));

  it('actions run, also after a suspension, and those that end their container fail as ever', async () => {
    const guest = new Guest(platform);
    await guest.putAction('greet', 'const main = ({ name }) => ({ hello: name })');
    for (const name of ['Ada', 'Grüße']) {
      const answer = await guest.invoke('greet', { name }, 'blocking=true&result=true');
      expect([answer.status, answer.json]).toEqual([200, { hello: name }]);
      expect(await platform.metrics('agent')).toMatch(/^hearth_agent_tunnels 1$/m);
      await until('it is suspended', isSuspended);
    }
    await guest.putAction('ends', 'const main = () => process.exit(3)');
    const answer = await guest.invoke('ends', {}, 'blocking=true&result=true');
    const error = 'The action did not produce a valid response and exited unexpectedly.';
    expect([answer.status, answer.json]).toEqual([502, { error }]);
  });
});
