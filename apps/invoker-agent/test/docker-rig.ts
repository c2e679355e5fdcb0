// A docker driver on a private engine, for tests.
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import type { Dockerd } from '../../../test/support/dockerd';
import type { DockerDriver } from '../src/docker/docker-driver';
import { type DockerSettings, openDocker } from '../src/docker/open-docker';
import { findFreezer } from '../src/freezer/find-freezer';

export const ourImage = 'hearth/action-nodejs-v20:latest';

export class DockerRig {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-docker-')));

  constructor(private readonly engine: Dockerd) {
    mkdirSync(this.directory, { recursive: true });
  }

  open(overrides: Partial<DockerSettings> = {}): Promise<DockerDriver> {
    return openDocker({
      socketPath: this.engine.socket,
      images: new Map([['nodejs:20', ourImage]]),
      reach: 'container',
      publishedAddresses: [],
      subnet: undefined,
      egress: 'internet',
      allow: [],
      apiHost: 'http://127.0.0.1:3233',
      nodeDirectory: this.directory,
      nodeId: 'node0',
      limits: defaultLimits,
      logger: silentLogger,
      findFreezer,
      ...overrides,
    });
  }

  /** What a driver left on disk. */
  files(): string[] {
    return readdirSync(this.directory, { recursive: true })
      .map(String)
      .filter((name) => name !== 'docker' && name !== 'docker/s');
  }

  end(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
