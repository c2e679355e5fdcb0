// What a user sees of `npm start`: ready, the command to try, Ctrl-C, the second start.
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Guest } from '../support/guest';
import { guestKey, type Platform, runHearth, startPlatform } from '../support/platform';
import { processesUsing } from '../support/processes';
import { until } from '../support/until';

describe('hearth start', () => {
  let platform: Platform;
  /** How long each start of this file took, in its own words. */
  const tookSeconds: number[] = [];
  afterEach(async () => {
    tookSeconds.push(Number(/is ready after (\d+\.\d) s/.exec(platform.output)?.[1]));
    await platform.stop();
  });
  afterAll(() => {
    // On a machine that does other things, too, the best start is what it can do.
    expect(Math.min(...tookSeconds)).toBeLessThan(4);
  });

  it('prints how to reach it, what it does not protect, and a command that works', async () => {
    platform = await startPlatform();
    const { output } = platform;
    expect(output).toMatch(/^Hearth \d+\.\d+\.\d+ is ready after \d+\.\d s\.$/m);
    expect(output).toContain(`API host    ${platform.apiHost}\n`);
    expect(output).toContain(`credential  ${guestKey}\n`);
    expect(output).toContain(
      "OpenWhisk's public development credential, known to everybody; only this machine can connect",
    );
    expect(output).toContain('isolation   none: the process driver');
    expect(output).toMatch(/limits {6}of guest: (unlimited|\d+) invocations per minute/);
    expect(output).toMatch(/kinds {7}nodejs:20/);
    const command = /^curl .*$/m.exec(output)?.[0];
    const { stdout } = await promisify(execFile)('sh', ['-c', command!]);
    expect(JSON.parse(stdout)).toEqual({ greeting: 'Hello, world!' });
    // Everything that it said before it was ready is that text: a first start is quiet.
    expect(output.slice(0, output.indexOf('Hearth'))).toBe('\n');
  });

  it('keeps secrets and data for its owner, and finds both at the second start', async () => {
    platform = await startPlatform();
    const guest = new Guest(platform);
    await guest.putAction('kept', 'function main() { return { kept: true } }');
    const { activationId } = (await guest.invoke('kept')).json as { activationId: string };
    const { secrets, dataDir } = platform;
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    platform = await platform.restart();
    expect(platform.secrets).toEqual(secrets);
    const again = new Guest(platform);
    expect((await again.invoke('kept', {}, 'blocking=true&result=true')).json).toEqual({ kept: true });
    expect((await again.record(activationId)).response.result).toEqual({ kept: true });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops everything, frozen containers included',
    async (signal) => {
      platform = await startPlatform({ env: { LIMIT_SUSPEND_GRACE_MS: '5' } });
      const guest = new Guest(platform);
      await guest.putAction('frozen', 'function main() { return {} }');
      expect((await guest.invoke('frozen')).status).toBe(200);
      await until('the container is frozen', () => platform.processes().some(({ state }) => state === 'T'));
      expect(await platform.end(signal)).toEqual({ code: 0, signal: null });
      expect(platform.processes()).toEqual([]);
      expect(platform.output).toContain(`hearth: stopping (${signal})\nhearth: stopped\n`);
    },
  );

  it('an interrupt that comes twice at once, as npm passes it on, still stops in order', async () => {
    platform = await startPlatform();
    process.kill(platform.supervisorPid, 'SIGINT');
    expect(await platform.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(platform.output).not.toContain('stopping at once');
    expect(platform.processes()).toEqual([]);
  });

  it('a later second interrupt ends what does not stop, at once', async () => {
    platform = await startPlatform();
    platform.kill('controller', 'SIGSTOP');
    process.kill(platform.supervisorPid, 'SIGINT');
    const asked = performance.now();
    await until('the user has lost patience', () => performance.now() - asked > 1_100);
    await platform.end('SIGINT');
    expect(platform.output).toContain('hearth: stopping at once\n');
    await until('nothing runs', () => platform.processes().length === 0);
  });

  it('refuses a second start on the same data, and does not disturb the first', async () => {
    platform = await startPlatform();
    const second = runHearth({ HEARTH_DATA_DIR: platform.dataDir, HEARTH_PORTS: 'free' });
    expect((await second.ended).code).toBe(1);
    expect(second.printed()).toBe(
      `hearth: cannot use the data directory ${platform.dataDir}: another Hearth runs on it (process ${platform.supervisorPid}); stop that one, or choose another with HEARTH_DATA_DIR.\n`,
    );
    const guest = new Guest(platform);
    await guest.putAction('undisturbed', 'function main() { return { ok: 1 } }');
    expect((await guest.invoke('undisturbed')).status).toBe(200);
  });

  it('an interrupt during the start leaves nothing', async () => {
    platform = await startPlatform();
    const dataDir = join(platform.dataDir, 'other');
    const early = runHearth({ HEARTH_DATA_DIR: dataDir, HEARTH_PORTS: 'free' });
    await until('apps are being started', () => processesUsing(dataDir).length > 2);
    early.child.kill('SIGINT');
    expect((await early.ended).code).toBe(0);
    expect(processesUsing(dataDir)).toEqual([]);
    expect(early.printed()).not.toContain('is ready');
  });
});
