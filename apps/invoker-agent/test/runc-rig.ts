// A runc driver in a directory of its own, with images made of this machine's files, for tests.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import { OciLayoutSource } from '../src/runc/images/oci-layout';
import { keeperPrefix } from '../src/runc/keeper';
import { defaultSubnet, subnetOf } from '../src/runc/network/subnet';
import type { RuncDriverSettings } from '../src/runc/runc-driver';
import { nodeImage, runtimeImage, writeLayout } from './host-images';

export class RuncRig {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-runc-')));
  private readonly layout = join(this.directory, 'layout');

  constructor() {
    mkdirSync(this.layout);
    writeLayout(this.layout, [
      runtimeImage('test/runtime'),
      nodeImage('test/silent', '-e', 'setInterval(() => {}, 1000)'),
      nodeImage('test/broken', '-e', 'console.error("no luck"); process.exit(7)'),
      { ...runtimeImage('test/stranger'), user: 'nobody-knows' },
    ]);
  }

  /** Of a driver with this name; two of one name are two lives of one. */
  async settings(name: string, limits: Partial<typeof defaultLimits> = {}): Promise<RuncDriverSettings> {
    const directory = join(this.directory, name);
    return {
      directory,
      images: new Map([
        ['nodejs:20', 'test/runtime'],
        ['silent:1', 'test/silent'],
        ['broken:1', 'test/broken'],
        ['missing:1', 'test/missing'],
      ]),
      source: new OciLayoutSource(this.layout),
      network: {
        subnet: subnetOf(defaultSubnet(directory)),
        apiHost: 'http://127.0.0.1:3233',
        nameServers: undefined,
        egress: 'internet',
        allow: [],
      },
      keeperPrefix: await keeperPrefix(10_000),
      limits: { ...defaultLimits, ...limits },
      logger: silentLogger,
    };
  }

  end(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
