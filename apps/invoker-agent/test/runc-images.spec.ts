// Images of the runc driver: layers on layers, what is damaged, what is too much, and the Docker engine as their source.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '#clock';
import { CannotCreate } from '../src/container-driver';
import { imageUser } from '../src/runc/image-user';
import { DockerEngineSource } from '../src/runc/images/docker-engine';
import { ImageCache } from '../src/runc/images/image-cache';
import type { ImageSource } from '../src/runc/images/image-source';
import { OciLayoutSource } from '../src/runc/images/oci-layout';
import { type Fill, writeLayout } from './host-images';

const file =
  (path: string, text: string): Fill =>
  (root) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
const all =
  (...fills: Fill[]): Fill =>
  (root) =>
    fills.forEach((fill) => fill(root));
const image = (name: string, ...layers: Fill[]) => ({ name, layers, command: ['/program'] });

describe('images of the runc driver', () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-images-')));
  const caches: ImageCache[] = [];
  let count = 0;

  async function cacheOf(source: ImageSource, bytesMax = 1e9) {
    count += 1;
    const path = join(directory, `cache${count}`);
    const cache = new ImageCache({
      directory: path,
      source,
      bytesMax,
      unpackTimeoutMs: 60_000,
      commandTimeoutMs: 10_000,
      inUse: () => new Set(),
    });
    caches.push(cache);
    await cache.open();
    return { cache, path };
  }
  function layoutOf(...images: Parameters<typeof writeLayout>[1]) {
    count += 1;
    const path = join(directory, `layout${count}`);
    mkdirSync(path);
    writeLayout(path, images);
    return path;
  }

  afterAll(async () => {
    for (const cache of caches) await cache.close();
    rmSync(directory, { recursive: true });
  });

  it('lays layers on each other, and takes away what one takes away', async () => {
    const lower = all(file('a/one', '1'), file('a/two', '2'), file('b/three', '3'), file('b/four', '4'));
    const upper = all(file('a/.wh.one', ''), file('b/.wh..wh..opq', ''), file('b/five', '5'), file('a/two', '2 anew'));
    const { cache } = await cacheOf(new OciLayoutSource(layoutOf(image('layered', lower, upper))));
    const { root } = await cache.get('layered');
    expect(readdirSync(join(root, 'a'))).toEqual(['two']);
    expect(readdirSync(join(root, 'b'))).toEqual(['five']);
    expect(readFileSync(join(root, 'a/two'), 'utf8')).toBe('2 anew');
    expect(() => writeFileSync(join(root, 'c'), '')).toThrow('EROFS');
  });

  it('unpacks a layer once, for however many images and askers', async () => {
    const base = file('base', 'b');
    const { cache, path } = await cacheOf(
      new OciLayoutSource(layoutOf(image('x', base, file('x', 'x')), image('y', base, file('y', 'y')))),
    );
    const got = await Promise.all(['x', 'x', 'y'].map((name) => cache.get(name)));
    expect(got[0]).toBe(got[1]);
    expect(readdirSync(join(path, 'layers'))).toHaveLength(3);
    expect(readdirSync(join(got[2]!.root)).sort()).toEqual(expect.arrayContaining(['base', 'y']));
  });

  it('keeps a link of one layer from leading the next out of the image', async () => {
    const outside = join(directory, 'outside');
    mkdirSync(outside);
    const link: Fill = (root) => symlinkSync(outside, join(root, 'door'));
    const { cache } = await cacheOf(new OciLayoutSource(layoutOf(image('sly', link, file('door/written', 'x')))));
    const { root } = await cache.get('sly');
    expect(readdirSync(outside)).toEqual([]);
    expect(lstatSync(join(root, 'door')).isDirectory()).toBe(true);
  });

  it('refuses a damaged layer, and leaves nothing of it', async () => {
    const layout = layoutOf(image('damaged', file('a', 'a')));
    const { cache, path } = await cacheOf(new OciLayoutSource(layout));
    const blobs = join(layout, 'blobs/sha256');
    const layer = readdirSync(blobs).find((name) => readFileSync(join(blobs, name)).length >= 10_240)!;
    writeFileSync(join(blobs, layer), 'something else');
    await expect(cache.get('damaged')).rejects.toThrow(/damaged was not unpacked: .*is damaged/);
    expect(readdirSync(path).sort()).toEqual(['images', 'layers', 'roots', 'skeleton']);
    expect(readdirSync(join(path, 'layers'))).toEqual([]);
  });

  it('drops the images that were used longest ago beyond its bound', async () => {
    const big = (name: string) => image(name, file(name, name.repeat(400_000)));
    const { cache, path } = await cacheOf(new OciLayoutSource(layoutOf(big('p'), big('q'), big('r'))), 1_000_000);
    const first = await cache.get('p');
    await cache.get('q');
    await cache.get('r');
    expect(readdirSync(join(path, 'images'))).toHaveLength(2);
    expect(existsSync(join(first.root, 'p'))).toBe(false);
    const again = await cache.get('p');
    expect(readFileSync(join(again.root, 'p'), 'utf8')).toHaveLength(400_000);
  });

  it('uses what a former life unpacked, and what it left half done goes', async () => {
    const source = new OciLayoutSource(layoutOf(image('kept', file('a', 'a'))));
    const { cache, path } = await cacheOf(source);
    await cache.get('kept');
    mkdirSync(join(path, 'scratch-left'));
    await cache.open();
    expect(readdirSync(path)).not.toContain('scratch-left');
    expect(readFileSync(join((await cache.get('kept')).root, 'a'), 'utf8')).toBe('a');
  });

  it('finds users by number and by name, and says who is unknown', () => {
    const root = join(directory, 'users');
    file('etc/passwd', 'root:x:0:0::/:\nweb:x:33:44::/:\n')(root);
    file('etc/group', 'staff:x:50:\n')(root);
    expect(imageUser('', root)).toEqual({ uid: 0, gid: 0 });
    expect(imageUser('1000', root)).toEqual({ uid: 1000, gid: 0 });
    expect(imageUser('1000:7', root)).toEqual({ uid: 1000, gid: 7 });
    expect(imageUser('web', root)).toEqual({ uid: 33, gid: 44 });
    expect(imageUser('web:staff', root)).toEqual({ uid: 33, gid: 50 });
    expect(() => imageUser('who', root)).toThrow(CannotCreate);
  });

  describe('of a Docker engine', () => {
    const socket = join(directory, 'engine.sock');
    let server: Server;
    let asked: string[] = [];
    beforeAll(async () => {
      const save = join(directory, 'save');
      file('layer/program', 'p')(save);
      execFileSync('tar', ['-C', join(save, 'layer'), '-cf', join(save, 'layer.tar'), '.']);
      writeFileSync(
        join(save, 'config.json'),
        JSON.stringify({ config: { Cmd: ['/program'] }, rootfs: { diff_ids: ['sha256:1'] } }),
      );
      writeFileSync(join(save, 'manifest.json'), JSON.stringify([{ Config: 'config.json', Layers: ['layer.tar'] }]));
      const archive = execFileSync('tar', ['-C', save, '-c', 'manifest.json', 'config.json', 'layer.tar']);
      server = createServer(({ url = '' }, answer) => {
        asked.push(url);
        if (url === '/images/app%3Alatest/json') return void answer.end('{"Id":"sha256:abc"}');
        if (url === '/images/app%3Alatest/get') return void answer.end(archive);
        if (url.includes('broken')) return void answer.writeHead(500).end('{"message":"no"}');
        answer.writeHead(404).end('{}');
      });
      await new Promise<void>((done) => server.listen(socket, done));
    });
    afterAll(() => new Promise((done) => server.close(done)));

    it('unpacks what the engine saves, and asks it seldom', async () => {
      asked = [];
      const { cache } = await cacheOf(new DockerEngineSource(socket, new ManualClock(), 10_000));
      const got = await cache.get('app');
      expect(got.config.command).toEqual(['/program']);
      expect(readFileSync(join(got.root, 'program'), 'utf8')).toBe('p');
      await cache.get('app');
      expect(asked).toEqual(['/images/app%3Alatest/json', '/images/app%3Alatest/get']);
    });

    it('tells an unknown image from an engine that fails or is gone', async () => {
      const { cache } = await cacheOf(new DockerEngineSource(socket, new ManualClock(), 10_000));
      await expect(cache.get('nobody/has-it')).rejects.toThrow(CannotCreate);
      await expect(cache.get('broken')).rejects.toThrow(/answered 500/);
      const none = new DockerEngineSource(join(directory, 'none.sock'), new ManualClock(), 10_000);
      await expect(none.find('app')).rejects.toThrow(/Does it run\?/);
    });
  });
});
