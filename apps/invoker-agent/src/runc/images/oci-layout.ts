// Images from a directory: an OCI image layout, or a directory of several. Read anew each time, so a rebuilt image is found without a restart.
//
// An image is found by its name in the layout's annotations (`org.opencontainers.image.ref.name`, or containerd's), or by the name of
// its directory when that layout holds one image only.
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { type FetchedImage, type FoundImage, fullName, imageConfigSchema, type ImageSource } from './image-source';

const descriptorSchema = z.object({
  mediaType: z.string().default(''),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected a sha256 digest'),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: z.object({ architecture: z.string(), os: z.string() }).nullish(),
});
type Descriptor = z.infer<typeof descriptorSchema>;

const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });

const nameAnnotations = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'];
/** An index may name further ones, one for each platform say. */
const indexDepthMax = 3;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export class OciLayoutSource implements ImageSource {
  constructor(private readonly directory: string) {}

  get where(): string {
    return this.directory;
  }

  find(image: string): Promise<FoundImage | undefined> {
    return Promise.resolve().then(() => this.findNow(fullName(image)));
  }

  private findNow(name: string): FoundImage | undefined {
    for (const layout of this.layouts()) {
      const descriptor = findIn(layout, name);
      if (descriptor) return { digest: descriptor.digest, fetch: () => fetchFrom(layout, descriptor) };
    }
    return undefined;
  }

  private layouts(): string[] {
    const entries = entriesOf(this.directory);
    if (entries.includes('index.json')) return [this.directory];
    return entries.map((name) => join(this.directory, name)).filter((path) => entriesOf(path).includes('index.json'));
  }
}

function findIn(layout: string, name: string): Descriptor | undefined {
  const { manifests } = indexSchema.parse(readJson(join(layout, 'index.json')));
  const tag = name.slice(name.lastIndexOf(':') + 1);
  const isNamed = ({ annotations }: Descriptor): boolean =>
    nameAnnotations.some((key) => annotations?.[key] !== undefined && fullName(annotations[key]) === name);
  const isOnlyOne = manifests.length === 1 && basename(name, `:${tag}`) === basename(layout);
  const descriptor = manifests.find(isNamed) ?? (isOnlyOne ? manifests[0] : undefined);
  return descriptor && manifestOf(layout, descriptor, indexDepthMax);
}

/** Of this machine's architecture. */
function manifestOf(layout: string, descriptor: Descriptor, depth: number): Descriptor | undefined {
  if (!descriptor.mediaType.includes('index') && !descriptor.mediaType.includes('list')) return descriptor;
  if (depth === 0) return undefined;
  const { manifests } = indexSchema.parse(readJson(blobPath(layout, descriptor.digest)));
  const wanted = architectures[process.arch] ?? process.arch;
  const fitting = manifests.find(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === wanted),
  );
  return fitting && manifestOf(layout, fitting, depth - 1);
}

async function fetchFrom(layout: string, descriptor: Descriptor): Promise<FetchedImage> {
  const manifest = manifestSchema.parse(readJson(blobPath(layout, descriptor.digest)));
  const config = imageConfigSchema.parse(readJson(blobPath(layout, manifest.config.digest)));
  const layers = manifest.layers.map(({ digest }) => ({ digest, path: blobPath(layout, digest) }));
  for (const { digest, path } of layers) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (`sha256:${hash.digest('hex')}` !== digest)
      throw new Error(`the layer ${path} is damaged: its digest is not what its name says. Build the image again.`);
  }
  return { config, layers };
}

const blobPath = (layout: string, digest: string): string => join(layout, 'blobs', ...digest.split(':'));

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
