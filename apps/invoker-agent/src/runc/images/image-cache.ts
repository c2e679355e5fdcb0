// Images unpacked on this node's disk: each layer once, whatever images it belongs to, and each image as one read-only overlay that all its
// containers share as their root.
//
// Guarantees: what is not whole is never used (a layer appears by a rename, an image by the file that lists its layers); two who want one image wait for
// one unpacking; a disk that is full leaves nothing behind; beyond its bound the images that were used longest ago go, those in use excepted.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { messages } from '#entity';
import { CannotCreate } from '../../container-driver';
import { Turns } from '../../turns';
import { run } from '../../host/command';
import { mountsBelow, unmountAllBelow } from '../mounts';
import type { FoundImage, ImageConfig, ImageSource } from './image-source';
import { unpackLayer } from './unpack-layer';

const recordSchema = z.object({
  layers: z.array(z.string()),
  config: z.object({
    command: z.array(z.string()),
    env: z.array(z.string()),
    workingDirectory: z.string(),
    user: z.string(),
  }),
});
type ImageRecord = z.infer<typeof recordSchema>;

export interface UnpackedImage {
  readonly digest: string;
  readonly config: ImageConfig;
  /** Read-only. */
  readonly root: string;
  /** For an overlay of one's own, see `overlayOptions`. */
  readonly lowerDirectories: string;
}

export interface ImageCacheSettings {
  readonly directory: string;
  readonly source: ImageSource;
  readonly bytesMax: number;
  readonly unpackTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** Digests of images that containers have as their root. */
  readonly inUse: () => ReadonlySet<string>;
}

/** Where something is mounted in a container, so that every image must have it. */
const mountPoints = ['proc', 'dev', 'sys', 'tmp', 'etc', 'run/hearth'];
const mountFiles = ['etc/resolv.conf', 'etc/hosts'];

export class ImageCache {
  private readonly ready = new Map<string, UnpackedImage>();
  /** One after the other: images share layers, and what no image uses is removed. */
  private readonly turns = new Turns();
  private readonly unpacking = new Map<string, Promise<UnpackedImage>>();

  constructor(private readonly settings: ImageCacheSettings) {}

  /** Makes the directories, and removes what a former life left half done. */
  async open(): Promise<void> {
    await this.close();
    for (const name of ['layers', 'images', 'roots']) mkdirSync(this.path(name), { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.settings.directory))
      if (name.startsWith('scratch-')) rmSync(this.path(name), { recursive: true });
    for (const point of ['', 'run', ...mountPoints]) {
      mkdirSync(this.path('skeleton', point), { recursive: true });
      // Whatever this process's umask is: it is the root directory that containers see.
      // runc gives what it mounts on one the mode that it finds there.
      chmodSync(this.path('skeleton', point), point === 'tmp' ? 0o1777 : 0o755);
    }
    for (const file of mountFiles) writeFileSync(this.path('skeleton', file), '');
  }

  /** Whether the source has it; a source that does not answer throws. */
  async has(image: string): Promise<boolean> {
    return (await this.settings.source.find(image)) !== undefined;
  }

  /** Rejects with CannotCreate if there is no such image. */
  async get(image: string): Promise<UnpackedImage> {
    const found = await this.settings.source.find(image);
    if (!found) throw new CannotCreate(messages.imagePullFailed(image));
    const there = this.ready.get(found.digest) ?? this.unpacking.get(found.digest);
    if (there) return there;
    const unpacked = this.turns
      .take(() => this.unpackAndMount(image, found))
      .finally(() => this.unpacking.delete(found.digest));
    this.unpacking.set(found.digest, unpacked);
    return unpacked;
  }

  /** Nobody may use an image any more. */
  async close(): Promise<void> {
    this.ready.clear();
    await unmountAllBelow(this.path('roots'), this.settings.commandTimeoutMs);
  }

  private async unpackAndMount(image: string, found: FoundImage): Promise<UnpackedImage> {
    const { digest } = found;
    const record = this.read(digest) ?? (await this.unpack(image, found));
    // Its time is that of its first use in this life.
    this.write(digest, record);
    const root = this.path('roots', fileName(digest));
    const lowerDirectories = [...record.layers]
      .reverse()
      .map((layer) => `layers/${layer}`)
      .join(':');
    const unpacked = { digest, config: record.config, root, lowerDirectories: `skeleton:${lowerDirectories}` };
    if (mountsBelow(root).length === 0) {
      mkdirSync(root, { recursive: true });
      await this.mountOverlay(unpacked, root, 'ro');
    }
    this.ready.set(digest, unpacked);
    return unpacked;
  }

  /** Mounts the image, with these options in addition. Paths are relative, since the kernel takes no more than a page of them. */
  async mountOverlay(
    { lowerDirectories }: Pick<UnpackedImage, 'lowerDirectories'>,
    at: string,
    options: string,
  ): Promise<void> {
    const words = ['-t', 'overlay', '-o', `nodev,nosuid,${options},lowerdir=${lowerDirectories}`, 'overlay', at];
    await run('mount', words, { cwd: this.settings.directory, timeoutMs: this.settings.commandTimeoutMs });
  }

  private async unpack(image: string, found: FoundImage): Promise<ImageRecord> {
    const scratch = mkdtempSync(this.path('scratch-'));
    try {
      const { config, layers } = await found.fetch(scratch);
      if (config.command.length === 0) throw new CannotCreate(`The image '${image}' names no program to run.`);
      const names: string[] = [];
      for (const { digest, path } of layers) {
        const name = createHash('sha256')
          .update(`${names.at(-1) ?? ''} ${digest}`)
          .digest('hex')
          .slice(0, 16);
        if (!readdirSync(this.path('layers')).includes(name)) {
          const fresh = mkdtempSync(join(scratch, 'layer-'));
          await unpackLayer(
            path,
            fresh,
            names.map((below) => this.path('layers', below)),
            this.settings.unpackTimeoutMs,
          );
          renameSync(fresh, this.path('layers', name));
        }
        names.push(name);
      }
      const record = { layers: names, config };
      this.write(found.digest, record);
      return record;
    } catch (error) {
      await this.removeUnusedLayers();
      if (error instanceof CannotCreate) throw error;
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`the image ${image} was not unpacked: ${what}`, { cause: error });
    } finally {
      await rm(scratch, { recursive: true, force: true });
      await this.shrink(found.digest);
    }
  }

  /** Removes the images that were used longest ago until the rest is within the bound. */
  private async shrink(spared: string): Promise<void> {
    const inUse = new Set([...this.settings.inUse(), ...this.unpacking.keys(), spared].map(fileName));
    const candidates = readdirSync(this.path('images'))
      .filter((name) => !inUse.has(name))
      .sort((a, b) => statSync(this.path('images', a)).mtimeMs - statSync(this.path('images', b)).mtimeMs);
    for (const name of candidates) {
      if ((await this.bytes()) <= this.settings.bytesMax) return;
      await unmountAllBelow(this.path('roots', name), this.settings.commandTimeoutMs);
      rmSync(this.path('images', name));
      for (const digest of this.ready.keys()) if (fileName(digest) === name) this.ready.delete(digest);
      await this.removeUnusedLayers();
    }
  }

  private async removeUnusedLayers(): Promise<void> {
    const records = readdirSync(this.path('images')).map((name) => this.read(name));
    const used = new Set(records.flatMap((record) => record?.layers ?? []));
    for (const layer of readdirSync(this.path('layers')))
      if (!used.has(layer)) await rm(this.path('layers', layer), { recursive: true, force: true });
  }

  private async bytes(): Promise<number> {
    const { unpackTimeoutMs } = this.settings;
    const answer = await run('du', ['--summarize', '--block-size=1', this.path('layers')], {
      timeoutMs: unpackTimeoutMs,
    });
    return Number.parseInt(answer, 10);
  }

  private read(digest: string): ImageRecord | undefined {
    try {
      const record = recordSchema.safeParse(JSON.parse(readFileSync(this.recordPath(digest), 'utf8'))).data;
      const layers = new Set(readdirSync(this.path('layers')));
      return record?.layers.every((layer) => layers.has(layer)) ? record : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  private write(digest: string, record: ImageRecord): void {
    const fresh = this.path(`scratch-${fileName(digest)}`);
    writeFileSync(fresh, JSON.stringify(record));
    renameSync(fresh, this.recordPath(digest));
  }

  private recordPath(digest: string): string {
    return this.path('images', fileName(digest));
  }

  private path(...names: string[]): string {
    return join(this.settings.directory, ...names);
  }
}

/** Digests hold a colon, which overlay options give a meaning to. */
const fileName = (digest: string): string => digest.replace(/[^0-9a-zA-Z]/g, '-');
