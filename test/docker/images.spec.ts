// The images of our action runtimes, as `npm run images` loads them into an engine without a registry, keep OpenWhisk's contract: under Docker.
import { describeContract } from '../../docker/action-runtimes/contract';
import { nodejs, python } from '../../docker/action-runtimes/dialects';
import type { StartContainer } from '../../docker/action-runtimes/runtime-process';
import { Dockerd } from '../support/dockerd';
import { dockerLaunch, imageStarter } from '../support/image-containers';

const images = { 'nodejs:20': 'hearth/action-nodejs-v20:latest', 'python:3': 'hearth/action-python-v3:latest' };

describe('images under Docker', () => {
  let engine: Dockerd;
  beforeAll(async () => {
    engine = await Dockerd.start({ kinds: Object.keys(images) });
  }, 180_000);
  afterAll(() => engine.end(), 60_000);

  for (const dialect of [nodejs, python]) {
    const start: StartContainer = (env) =>
      imageStarter(dockerLaunch(engine.env, images[dialect.kind as keyof typeof images]))(env);
    describeContract({ ...dialect, start });
  }
});
