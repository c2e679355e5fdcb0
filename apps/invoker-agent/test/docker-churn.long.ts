// 200 containers of 100 actions that come and go for five minutes, as in runc-churn.long.ts, with Docker.
import { Dockerd } from '../../../test/support/dockerd';
import { until } from '../../../test/support/until';
import type { DockerDriver } from '../src/docker/docker-driver';
import { churn } from './churn';
import { DockerMachine } from './docker-machine';
import { DockerRig } from './docker-rig';

describe('churn of the docker driver, long', () => {
  let engine: Dockerd;
  let rig: DockerRig;
  beforeAll(async () => {
    engine = await Dockerd.start();
    rig = new DockerRig(engine);
  }, 120_000);
  afterAll(async () => {
    rig?.end();
    await engine?.end();
  }, 120_000);

  it('leaves nothing after five minutes', async () => {
    const forMs = Number(process.env.HEARTH_CHURN_MS ?? 300_000);
    const ports = Array.from({ length: 300 }, (_, n) => 21_000 + n);
    const machine = new DockerMachine(engine, new Set(ports));
    const publishedAddresses = ports.map((port) => `127.0.0.1:${port}`);
    const open = (): Promise<DockerDriver> => rig.open({ reach: 'published', publishedAddresses });
    // The first driver makes the engine load what it keeps.
    const first = await open();
    await first.recover();
    await first.close();
    const [before, files] = [await machine.count(), machine.openFiles()];
    const docker = { open, count: () => machine.count(), seen: () => machine.look() };
    const churned = await churn({ ...docker, containers: 200, actions: 100, forMs, workers: 8, seed: 11 });
    const after = [files, machine.openFiles()];
    process.stdout.write(`churn: ${JSON.stringify({ before, ...churned, engineFiles: after })}\n`);
    // It has been busy, and so the counts count.
    expect(Object.entries(churned.amid).filter(([, found]) => found === 0)).toEqual([]);
    expect(churned.left).toEqual(before);
    expect(rig.files()).toEqual([]);
    expect(churned.files[1]).toBeLessThanOrEqual(churned.files[0] + 3);
    // The engine closes what it had open for a container a little later.
    await until('the engine has closed its files', () => machine.openFiles() <= files + 10, 30_000);
  }, 900_000);
});
