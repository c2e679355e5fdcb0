// The docker driver against a private engine: the conformance suite of all drivers.
import { execFileSync } from 'node:child_process';
import { Dockerd } from '../../../test/support/dockerd';
import { describeContainerDriver } from '../src/container-driver.conformance';
import { DockerRig, ourImage } from './docker-rig';

jest.setTimeout(60_000);

let engine: Dockerd;
let rig: DockerRig;
beforeAll(async () => {
  engine = await Dockerd.start();
  await engine.deriveImage(ourImage, 'test/silent', ['CMD ["/usr/bin/sleep","1000"]']);
  rig = new DockerRig(engine);
});
afterAll(async () => {
  rig?.end();
  await engine?.end();
});

describeContainerDriver('docker', async () => {
  const driver = await rig.open({
    images: new Map([
      ['nodejs:20', ourImage],
      ['silent:1', 'test/silent:latest'],
    ]),
  });
  await driver.recover();
  return {
    driver,
    silentKind: 'silent:1',
    leftovers: () => [
      ...execFileSync('docker', ['ps', '--all', '--format', '{{.Names}}'], { env: engine.env, encoding: 'utf8' })
        .split('\n')
        .filter(Boolean),
      ...rig.files(),
    ],
  };
});
