// A docker driver on a private engine, for tests.
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import type { Dockerd } from '../../../test/support/dockerd';
import type { ContainerSpec } from '../src/container-driver';
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

const never = new AbortController().signal;
let count = 0;

/** One action in one container, called as a controller calls it. */
export class RunningAction {
  private constructor(
    private readonly driver: DockerDriver,
    readonly id: string,
    readonly address: string,
    readonly socket: string | undefined,
  ) {}

  static async create(driver: DockerDriver, overrides: Partial<ContainerSpec> = {}): Promise<RunningAction> {
    count += 1;
    const id = `c${count}`;
    const spec = {
      id,
      kind: 'nodejs:20',
      memoryMb: 128,
      concurrency: 1,
      address: driver.addresses[count]!,
      ...overrides,
    };
    const { container, published, unixSocket } = await driver.create(spec, 20_000, never);
    return new RunningAction(driver, id, (container ?? published)!, unixSocket);
  }

  static async start(
    driver: DockerDriver,
    code: string,
    overrides: Partial<ContainerSpec> = {},
  ): Promise<RunningAction> {
    const action = await RunningAction.create(driver, overrides);
    const { status } = await action.post('/init', { name: 'a', main: 'main', code, binary: false });
    if (status !== 200) throw new Error(`init answered ${status}`);
    return action;
  }

  run = async (value: object = {}): Promise<Record<string, unknown>> => (await this.post('/run', value)).body;

  remove = (): Promise<void> => this.driver.remove(this.id);

  private async post(path: string, value: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`http://${this.address}${path}`, { method: 'POST', body: JSON.stringify({ value }) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
