// Opens the runc driver on this machine, or says why it cannot work here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import { CommandFailed, run } from '../host/command';
import type { Egress } from '../host/egress';
import { DockerEngineSource } from './images/docker-engine';
import type { ImageSource } from './images/image-source';
import { OciLayoutSource } from './images/oci-layout';
import { keeperPrefix } from './keeper';
import { defaultSubnet, subnetOf } from './network/subnet';
import { RuncDriver } from './runc-driver';

export interface OpenRuncSettings {
  /** Layouts are looked for in `images` there. */
  readonly dataDirectory: string;
  readonly nodeDirectory: string;
  /** Wanted images by kind. */
  readonly images: ReadonlyMap<string, string>;
  /** Asked for images that no layout holds, where it exists. */
  readonly dockerSocket: string;
  readonly subnet: string | undefined;
  readonly apiHost: string;
  readonly egress: Egress;
  readonly allow: readonly string[];
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: Logger;
}

/** Each with a harmless call. */
const programs = [
  ['runc', '--version'],
  ['ip', '-V'],
  // What may not change the network, in a container say, may not list it either.
  ['nft', 'list', 'tables'],
  ['mount', '--version'],
  ['tar', '--version'],
] as const;

export async function openRunc(settings: OpenRuncSettings): Promise<RuncDriver> {
  const { nodeDirectory, apiHost, egress, allow, limits, logger } = settings;
  const timeoutMs = limits.runcCommandTimeoutMs;
  if (process.platform !== 'linux') throw new Error('runc needs Linux');
  if (process.getuid?.() !== 0) throw new Error('runc needs an agent that runs as root');
  const complaints = await Promise.all(programs.map(([program, ...words]) => complaintOf(program, words, timeoutMs)));
  const found = complaints.filter((complaint) => complaint !== undefined);
  if (found.length > 0) throw new Error(found.join('; '));
  const source = firstOf([
    new OciLayoutSource(join(settings.dataDirectory, 'images')),
    ...(existsSync(settings.dockerSocket)
      ? [new DockerEngineSource(settings.dockerSocket, settings.clock, limits.imageUnpackTimeoutMs)]
      : []),
  ]);
  const images = new Map<string, string>();
  for (const [kind, image] of settings.images) if (await isThere(source, image, logger)) images.set(kind, image);
  const absent = [...settings.images].filter(([kind]) => !images.has(kind)).map(([, image]) => image);
  if (images.size === 0)
    throw new Error(`no image of ${absent.join(', ')} in ${source.where}; make them with \`npm run images\``);
  if (absent.length > 0)
    logger.warn(`images: no ${absent.join(', ')} in ${source.where}, so those kinds are not offered`);
  const prefix = await keeperPrefix(timeoutMs);
  if (prefix.length === 0) logger.warn('perl is not installed: exit codes of containers stay unknown');
  return new RuncDriver({
    directory: join(nodeDirectory, 'runc'),
    images,
    source,
    network: {
      subnet: subnetOf(settings.subnet ?? defaultSubnet(nodeDirectory)),
      apiHost,
      nameServers: undefined,
      egress,
      allow,
    },
    keeperPrefix: prefix,
    limits,
    logger,
  });
}

/** Undefined if it works. */
const complaintOf = (program: string, words: readonly string[], timeoutMs: number): Promise<string | undefined> =>
  run(program, words, { timeoutMs }).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof CommandFailed)) throw error;
      return error.isMissing ? `${program} is not installed` : error.message;
    },
  );

/** A source that does not answer has nothing now. */
const isThere = (source: ImageSource, image: string, logger: Logger): Promise<boolean> =>
  source.find(image).then(
    (found) => found !== undefined,
    (error: unknown) => {
      logger.warn({ err: error }, `images: not asked for ${image}`);
      return false;
    },
  );

/** The first that has an image gives it. */
export const firstOf = (sources: readonly ImageSource[]): ImageSource => ({
  where: sources.map(({ where }) => where).join(' and '),
  async find(image) {
    for (const source of sources) {
      const found = await source.find(image);
      if (found) return found;
    }
    return undefined;
  },
});
