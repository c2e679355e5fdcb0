// An OCI image layout on disk that several images share: blobs by their digest, index.json with one entry for each name.
//
// A reader finds the old or the new index whole; blobs that no image names any more are removed afterwards. Each image can also be read by
// `docker load`, which wants a manifest.json of its own form beside the same blobs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};
export const nameAnnotation = 'org.opencontainers.image.ref.name';
export const inputsAnnotation = 'hearth.inputs';
/** Node's names of processors, as images have them. */
const architectures = { x64: 'amd64' };

export class OciLayout {
  constructor(directory) {
    this.directory = directory;
    this.blobs = join(directory, 'blobs/sha256');
    mkdirSync(this.blobs, { recursive: true });
    writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  }

  entries() {
    const path = join(this.directory, 'index.json');
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).manifests : [];
  }

  find(name) {
    return this.entries().find(({ annotations }) => annotations?.[nameAnnotation] === name);
  }

  readJson(digest) {
    return JSON.parse(readFileSync(this.pathOf(digest), 'utf8'));
  }

  pathOf(digest) {
    return join(this.blobs, digest.replace('sha256:', ''));
  }

  /**
   * Everything below this folder, or only one directory of it and nothing below, as one owner's and of one time, so that the same files make the
   * same layer.
   */
  addLayer(folder, { owner = 0, only } = {}) {
    const target = join(this.directory, `layer-${process.pid}.tar`);
    const same = [
      '--sort=name',
      '--mtime=@0',
      `--owner=${owner}`,
      `--group=${owner}`,
      '--numeric-owner',
      '--format=posix',
    ];
    const times = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime';
    const what = only === undefined ? ['.'] : ['--no-recursion', only];
    execFileSync('tar', [...same, times, '-C', folder, '-cf', target, ...what]);
    const digest = digestOfFile(target);
    const { size } = statSync(target);
    renameSync(target, this.pathOf(digest));
    return { mediaType: types.layer, digest, size };
  }

  /** Names an image; the name's former image goes. Answers its entry. */
  addImage(name, { settings, layers, inputs }) {
    const config = this.addJson(types.config, {
      architecture: architectures[process.arch] ?? process.arch,
      os: 'linux',
      config: settings,
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    });
    const manifest = this.addJson(types.manifest, { schemaVersion: 2, mediaType: types.manifest, config, layers });
    const annotations = {
      [nameAnnotation]: name,
      'io.containerd.image.name': name.split('/')[0].includes('.') ? name : `docker.io/${name}`,
      [inputsAnnotation]: inputs,
    };
    const entry = { ...manifest, annotations };
    const others = this.entries().filter((other) => other.annotations?.[nameAnnotation] !== name);
    this.writeIndex([...others, entry]);
    return entry;
  }

  /** Writes what `docker load` reads to this file descriptor's stream, by tar. */
  archiveWords(name) {
    const { config, layers } = this.readJson(this.find(name).digest);
    const path = ({ digest }) => `blobs/sha256/${digest.replace('sha256:', '')}`;
    const file = `manifest-${process.pid}.json`;
    writeFileSync(
      join(this.directory, file),
      JSON.stringify([{ Config: path(config), RepoTags: [name], Layers: layers.map(path) }]),
    );
    const words = ['-C', this.directory, '-cf', '-', `--transform=s/^${file}$/manifest.json/`, file];
    return { words: [...words, path(config), ...layers.map(path)], remove: () => rmSync(join(this.directory, file)) };
  }

  addJson(mediaType, value) {
    const text = JSON.stringify(value);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    writeFileSync(this.pathOf(digest), text);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  }

  writeIndex(manifests) {
    const path = join(this.directory, 'index.json');
    writeFileSync(`${path}.new`, JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests }, undefined, 2));
    renameSync(`${path}.new`, path);
    const used = new Set(
      manifests.flatMap(({ digest }) => {
        const { config, layers } = this.readJson(digest);
        return [digest, config.digest, ...layers.map((layer) => layer.digest)];
      }),
    );
    for (const name of readdirSync(this.blobs)) if (!used.has(`sha256:${name}`)) rmSync(join(this.blobs, name));
  }
}

function digestOfFile(path) {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read));
  closeSync(file);
  return `sha256:${hash.digest('hex')}`;
}
