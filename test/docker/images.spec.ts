// The images of our action runtimes, as `npm run images` loads them into an engine without a registry, keep OpenWhisk's contract in containers of
// the docker driver.
import { DockerRig } from '../../apps/invoker-agent/test/docker-rig';
import type { DockerDriver } from '../../apps/invoker-agent/src/docker/docker-driver';
import { describeContract } from '../../docker/action-runtimes/contract';
import { nodejs, python } from '../../docker/action-runtimes/dialects';
import type { StartContainer } from '../../docker/action-runtimes/runtime-process';
import { Dockerd } from '../support/dockerd';
import { driverStarter } from '../support/driver-containers';

const images = new Map([
  ['nodejs:20', 'hearth/action-nodejs-v20:latest'],
  ['python:3', 'hearth/action-python-v3:latest'],
]);

describe('the docker driver', () => {
  let engine: Dockerd;
  let rig: DockerRig;
  let driver: DockerDriver;
  beforeAll(async () => {
    engine = await Dockerd.start({ kinds: [...images.keys()] });
    rig = new DockerRig(engine);
    driver = await rig.open({ images });
    await driver.recover();
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    rig?.end();
    await engine?.end();
  }, 60_000);

  for (const dialect of [nodejs, python]) {
    let start: StartContainer | undefined;
    describeContract({ ...dialect, start: (env) => (start ??= driverStarter(driver, dialect.kind))(env) });
  }
});
