// Images from the local Docker engine, by its socket: asked for the id, and for the whole image when it is to be unpacked. Nothing is pulled.
import { createWriteStream, readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Clock } from '#clock';
import { run } from '../../host/command';
import { type FetchedImage, type FoundImage, fullName, imageConfigSchema, type ImageSource } from './image-source';

/** A name is looked up this seldom: the engine takes milliseconds, and tags move rarely. */
const lookUpMs = 10_000;

const inspectSchema = z.object({ Id: z.string() });
/** What `docker save` writes, whatever the engine's version. */
const manifestSchema = z.tuple([z.object({ Config: z.string(), Layers: z.array(z.string()) })]);
const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

export class DockerEngineSource implements ImageSource {
  private readonly found = new Map<string, { image: FoundImage | undefined; at: number }>();

  constructor(
    private readonly socketPath: string,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  get where(): string {
    return `the Docker engine at ${this.socketPath}`;
  }

  async find(image: string): Promise<FoundImage | undefined> {
    const known = this.found.get(image);
    if (known && this.clock.now() - known.at < lookUpMs) return known.image;
    const name = fullName(image);
    const answer = await this.get(`/images/${encodeURIComponent(name)}/json`);
    const text = await textOf(answer);
    if (answer.statusCode !== 200 && answer.statusCode !== 404)
      throw new Error(`${this.where} answered ${answer.statusCode} when asked for ${name}: ${text.trim()}`);
    const found =
      answer.statusCode === 404
        ? undefined
        : { digest: inspectSchema.parse(JSON.parse(text)).Id, fetch: (scratch: string) => this.save(name, scratch) };
    this.found.clear();
    this.found.set(image, { image: found, at: this.clock.now() });
    return found;
  }

  private async save(name: string, scratch: string): Promise<FetchedImage> {
    const archive = join(scratch, 'image.tar');
    const answer = await this.get(`/images/${encodeURIComponent(name)}/get`);
    if (answer.statusCode !== 200)
      throw new Error(`${this.where} did not save ${name}: ${answer.statusCode} ${(await textOf(answer)).trim()}`);
    await pipeline(answer, createWriteStream(archive));
    await run('tar', ['--extract', '--file', archive, '--directory', scratch], { timeoutMs: this.timeoutMs });
    const read = (path: string): unknown => JSON.parse(readFileSync(join(scratch, path), 'utf8'));
    const { Config, Layers } = manifestSchema.parse(read('manifest.json'))[0];
    const config = read(Config);
    const digests = configSchema.parse(config).rootfs.diff_ids;
    const layers = Layers.map((path, at) => ({ digest: digests[at] ?? path, path: join(scratch, path) }));
    return { config: imageConfigSchema.parse(config), layers };
  }

  private get(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.socketPath, path, timeout: this.timeoutMs }, resolve);
      asked.once('timeout', () => asked.destroy(new Error(`no answer within ${this.timeoutMs} ms`)));
      asked.once('error', (error) =>
        reject(new Error(`cannot ask ${this.where} (${error.message}). Does it run?`, { cause: error })),
      );
      asked.end();
    });
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
