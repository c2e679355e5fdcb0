// An engine whose disk is full: a creation fails with the reason, leaves nothing, and succeeds once there is room again.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Dockerd } from '../../../test/support/dockerd';
import type { DockerDriver } from '../src/docker/docker-driver';
import { DockerRig, RunningAction } from './docker-rig';

jest.setTimeout(60_000);

describe('docker driver on a full disk', () => {
  let engine: Dockerd;
  let rig: DockerRig;
  let driver: DockerDriver;
  beforeAll(async () => {
    engine = await Dockerd.start({ diskMb: 1_024 });
    rig = new DockerRig(engine);
    driver = await rig.open();
    await driver.recover();
  }, 120_000);
  afterAll(async () => {
    await driver?.close();
    expect(await engine?.containers()).toEqual([]);
    expect(await engine?.networks()).toEqual([]);
    rig?.end();
    await engine?.end();
  }, 60_000);

  /** Takes all that is left. */
  function fill(path: string): void {
    const file = openSync(path, 'w');
    try {
      for (let bytes = 1_048_576; bytes >= 1; bytes = Math.floor(bytes / 2)) {
        try {
          for (;;) writeSync(file, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  it('says so, leaves nothing of the container, and goes on when there is room', async () => {
    const code = 'const main = () => ({ ok: true })';
    const action = await RunningAction.start(driver, code);
    const filler = join(engine.directory, 'data/filler');
    fill(filler);
    try {
      await expect(RunningAction.create(driver)).rejects.toThrow(/was not created: docker: .*no space left on device/);
      // What runs goes on, and can be suspended.
      await driver.suspend(action.id);
      await driver.resume(action.id);
      expect(await action.run()).toEqual({ ok: true });
    } finally {
      rmSync(filler);
    }
    expect(await engine.containers()).toEqual([expect.stringMatching(new RegExp(`-${action.id}$`))]);
    expect(rig.files().filter((name) => !name.includes(action.id))).toEqual([]);
    await action.remove();
    const next = await RunningAction.start(driver, code);
    expect(await next.run()).toEqual({ ok: true });
    await next.remove();
  });
});
