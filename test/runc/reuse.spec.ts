// REUSE=same-namespace from end to end: on a node with room for one container, two actions of one namespace take turns in it, and neither finds
// anything of the other.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inventory } from '#protocol';
import { runtimeImage, writeLayout } from '../../apps/invoker-agent/test/host-images';
import { leftoversOf } from '../../apps/invoker-agent/test/runc-machine';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

const action = (name: string): string => `
  const fs = require('fs');
  let runs = 0;
  function main() {
    const found = fs.readdirSync('/tmp').filter((file) => file.startsWith('left-by-') && file !== 'left-by-${name}');
    const before = globalThis.ranBefore ?? 'nobody';
    globalThis.ranBefore = '${name}';
    fs.writeFileSync('/tmp/left-by-${name}', 'x');
    console.log('this is ${name}');
    return { name: '${name}', runs: ++runs, found, before };
  }`;

describe('reuse in one namespace', () => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-reuse-')));
  const driverDirectory = join(dataDir, 'agent/node0/runc');
  let platform: Platform;
  let guest: Guest;

  beforeAll(async () => {
    mkdirSync(join(dataDir, 'images'));
    writeLayout(join(dataDir, 'images'), [runtimeImage('hearth/action-nodejs-v20:latest')]);
    const env = { CONTAINER_DRIVER: 'runc', REUSE: 'same-namespace', NODE_MEMORY_MB: '256' };
    platform = await startPlatform({ dataDir, kinds: 'nodejs:20', env });
    guest = new Guest(platform);
    for (const name of ['first', 'second']) await guest.putAction(name, action(name));
  });
  afterAll(async () => {
    await platform?.stop();
    expect(leftoversOf(driverDirectory)).toEqual([]);
    rmSync(dataDir, { recursive: true });
  });

  const invoke = async (name: string): Promise<{ response: { result: unknown }; activationId: string }> =>
    (await guest.invoke(name, {}, 'blocking=true')).json as never;

  const notes = (): string => {
    const directory = join(dataDir, 'agent/node0/notes');
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    return names.map((name) => readFileSync(join(directory, name), 'utf8')).join('\n');
  };

  async function onlyContainer(): Promise<string> {
    const headers = { authorization: `Bearer ${platform.secrets.AGENT_TOKEN}` };
    const inventory = (await (await fetch(`${platform.agentUrl}/containers`, { headers })).json()) as Inventory;
    expect(inventory.containers).toHaveLength(1);
    return inventory.containers[0]!.id;
  }

  it('takes turns in one container, which is as new each time, and keeps each one’s log', async () => {
    const ids = new Set<string>();
    for (const name of ['first', 'second', 'first', 'second']) {
      const { response, activationId } = await invoke(name);
      expect(response.result).toEqual({ name, runs: 1, found: [], before: 'nobody' });
      ids.add(await onlyContainer());
      expect((await invoke(name)).response.result).toEqual({ name, runs: 2, found: [], before: name });
      const logs = await until('its log is there', async () => {
        const { logs: lines } = await guest.record(activationId);
        return (lines as string[]).length > 0 && (lines as string[]);
      });
      expect(logs).toEqual([expect.stringMatching(new RegExp(`stdout: this is ${name}$`))]);
    }
    expect(ids.size).toBe(1);
    const metrics = await platform.metrics('agent');
    expect(metrics).toMatch(/hearth_agent_operation_seconds_count\{driver="runc",operation="wipe",outcome="done"\} 3/);
    expect(metrics).not.toMatch(/operation="wipe",outcome="failed"/);
  });

  it('has nothing of a container that was being wiped when the agent died', async () => {
    const turn = invoke('first').catch((error: unknown) => error);
    while (!notes().includes('"wiping":true')) await sleep(1);
    await platform.killAndAwaitRestart('agent');
    await turn;
    expect((await invoke('second')).response.result).toMatchObject({ found: [] });
    expect((await invoke('first')).response.result).toMatchObject({ runs: 1, found: [], before: 'nobody' });
  });
});
