// The images of our action runtimes, as `npm run images` makes them without a registry, keep OpenWhisk's contract: under runc alone.
import { describeContract } from '../../docker/action-runtimes/contract';
import { nodejs, python } from '../../docker/action-runtimes/dialects';
import type { StartContainer } from '../../docker/action-runtimes/runtime-process';
import { imageStarter, type RuncImage, runcLaunch } from '../support/image-containers';

for (const dialect of [nodejs, python]) {
  describe(`the image of ${dialect.kind} under runc`, () => {
    let image: RuncImage;
    let start: StartContainer;
    beforeAll(() => {
      image = runcLaunch(dialect.kind);
      start = imageStarter(image);
    }, 120_000);
    afterAll(() => image.end());

    describeContract({ ...dialect, start: (env) => start(env) });
  });
}
