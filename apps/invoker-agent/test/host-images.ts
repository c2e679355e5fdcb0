// Images for tests of the runc driver, made of this machine's own node and the runtime's files: an OCI layout directory, no registry, no engine.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const runtimes = resolve(__dirname, '../../../docker/action-runtimes');

/** Layers by name, bottom first, each a function that fills a directory. */
export type Fill = (root: string) => void;

export interface HostImage {
  readonly name: string;
  readonly layers: readonly Fill[];
  readonly command: readonly string[];
  readonly user?: string;
}

/** node with its libraries. */
export const nodeLayer: Fill = (root) => {
  const node = realpathSync(process.execPath);
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).match(/\/[^ )\n]+/g) ?? [];
  copy(node, join(root, 'usr/bin/node'));
  for (const library of libraries) copy(realpathSync(library), join(root, library));
};

export const runtimeLayer: Fill = (root) => {
  cpSync(join(runtimes, 'nodejs'), join(root, 'hearth/nodejs'), { recursive: true });
};

export const nodeImage = (name: string, ...args: string[]): HostImage => ({
  name,
  layers: [nodeLayer, runtimeLayer],
  command: ['/usr/bin/node', ...args],
});

export const runtimeImage = (name: string): HostImage => nodeImage(name, '/hearth/nodejs/server.js');

/** Answers the layout directory's path; `remove` it. */
export function writeLayout(directory: string, images: readonly HostImage[]): void {
  const blobs = join(directory, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer | string): { digest: string; size: number } => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
  };
  const packed = new Map<Fill, { digest: string; size: number }>();
  const pack = (fill: Fill): { digest: string; size: number } => {
    const root = mkdtempSync(join(tmpdir(), 'hearth-layer-'));
    try {
      fill(root);
      return put(execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1_073_741_824 }));
    } finally {
      rmSync(root, { recursive: true });
    }
  };
  const manifests = images.map(({ name, layers, command, user }) => {
    for (const fill of layers) if (!packed.has(fill)) packed.set(fill, pack(fill));
    const described = layers.map((fill) => packed.get(fill)!);
    const config = put(
      JSON.stringify({
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        os: 'linux',
        config: { Entrypoint: command, Env: ['PATH=/usr/bin'], ...(user === undefined ? {} : { User: user }) },
        rootfs: { type: 'layers', diff_ids: described.map(({ digest }) => digest) },
      }),
    );
    const manifest = put(JSON.stringify({ schemaVersion: 2, config, layers: described }));
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    return { ...manifest, mediaType, annotations: { 'org.opencontainers.image.ref.name': name } };
  });
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
