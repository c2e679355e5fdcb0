// The images of our action runtimes, as `npm run images` makes them without a registry and without an engine, keep OpenWhisk's contract in
// containers of the runc driver.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { RuncDriver } from '../../apps/invoker-agent/src/runc/runc-driver';
import { OciLayoutSource } from '../../apps/invoker-agent/src/runc/images/oci-layout';
import { RuncRig } from '../../apps/invoker-agent/test/runc-rig';
import { describeContract } from '../../docker/action-runtimes/contract';
import { nodejs, python } from '../../docker/action-runtimes/dialects';
import type { StartContainer } from '../../docker/action-runtimes/runtime-process';
import { driverStarter } from '../support/driver-containers';
import { root } from '../support/platform';

const cache = join(root, 'node_modules/.cache/hearth-images');
const images = new Map([
  ['nodejs:20', 'hearth/action-nodejs-v20:latest'],
  ['python:3', 'hearth/action-python-v3:latest'],
]);

describe('the runc driver', () => {
  let rig: RuncRig;
  let driver: RuncDriver;
  beforeAll(async () => {
    const layout = join(cache, 'images');
    for (const kind of images.keys()) {
      execFileSync(process.execPath, [join(root, 'tools/images.mjs'), '--kind', kind, '--oci', layout], {
        env: { ...process.env, HEARTH_DATA_DIR: cache },
      });
    }
    rig = new RuncRig();
    driver = new RuncDriver({ ...(await rig.settings('contract')), images, source: new OciLayoutSource(layout) });
    await driver.recover();
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    rig?.end();
  }, 60_000);

  for (const dialect of [nodejs, python]) {
    let start: StartContainer | undefined;
    describeContract({ ...dialect, start: (env) => (start ??= driverStarter(driver, dialect.kind))(env) });
  }
});
