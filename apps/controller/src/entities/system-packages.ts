// The packages of /whisk.system that clients' examples expect (docker/system-packages), written into the store when a controller starts.
//
// Guarantee: idempotent, also when several controllers start at once: what is there in this release's form is left alone, by a digest in its
// annotations; packages and actions of other names are never touched.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { productFile } from '#config';
import {
  type EntityName,
  type Identity,
  type JsonObject,
  type KeyValue,
  messages,
  Rejection,
  type RuntimesManifest,
} from '#entity';
import { StoreError } from '#store';
import type { Actions } from './actions';
import type { Entities } from './entities';
import type { Packages } from './packages';

export const systemNamespace = 'whisk.system';
const digestKey = 'hearth-release';
const overwrite = (): boolean => true;
const kind = 'nodejs:default';

interface PackageFile {
  readonly description: string;
  readonly actions: Readonly<Record<string, { file: string; description: string; feed?: boolean }>>;
}

const writer: Identity = { subject: systemNamespace, namespace: systemNamespace, uuid: '', apiKey: '', limits: {} };

export class SystemPackages {
  constructor(
    private readonly folder: string,
    private readonly packages: Packages,
    private readonly actions: Actions,
    private readonly manifest: Pick<RuntimesManifest, 'runtime'>,
  ) {}

  /** Nothing where the kind of its actions is not offered. */
  async seed(): Promise<void> {
    if (this.manifest.runtime(kind) === undefined) return;
    const files = JSON.parse(readFileSync(join(this.folder, 'packages.json'), 'utf8')) as Record<string, PackageFile>;
    for (const [name, { description, actions }] of Object.entries(files)) {
      const at = { namespace: systemNamespace, name };
      const annotations = [{ key: 'description', value: description }];
      const read = () => this.packages.get(writer, at);
      await put({ publish: true }, annotations, read, (body) => this.packages.put(writer, at, overwrite, body));
      for (const [action, given] of Object.entries(actions)) await this.putAction(name, action, given);
    }
  }

  private async putAction(packageName: string, name: string, given: PackageFile['actions'][string]): Promise<void> {
    const id: EntityName = { namespace: systemNamespace, packageName, name };
    const exec = { kind, code: readFileSync(join(this.folder, given.file), 'utf8') };
    const annotations = [
      { key: 'description', value: given.description },
      ...(given.feed === true ? [{ key: 'feed', value: true }] : []),
    ];
    const read = () => this.actions.get(writer, id, false);
    await put({ exec }, annotations, read, (body) => this.actions.put(writer, id, overwrite, body));
  }
}

/** Those of this release. */
export async function seedSystemPackages(
  { packages, actions }: Pick<Entities, 'packages' | 'actions'>,
  manifest: RuntimesManifest,
): Promise<void> {
  const folder = dirname(productFile('docker/system-packages/packages.json'));
  await new SystemPackages(folder, packages, actions, manifest).seed();
}

/** Writes what is not there in this form. */
async function put(
  content: JsonObject,
  annotations: readonly KeyValue[],
  read: () => Promise<JsonObject>,
  write: (body: () => unknown) => Promise<unknown>,
): Promise<void> {
  const digest = createHash('sha256')
    .update(JSON.stringify([content, annotations]))
    .digest('hex');
  const body = { ...content, annotations: [...annotations, { key: digestKey, value: digest }] };
  try {
    if ((await digestOf(read)) !== digest) await write(() => body);
  } catch (error) {
    // Somebody gave it parameters, and their key is lost: it fails for those who use it, and not the start.
    if (error instanceof Rejection && error.message === messages.parametersSealed) return;
    // Another controller writes the same at this moment.
    if (!(error instanceof StoreError) || (error.code !== 'exists' && error.code !== 'conflict')) throw error;
  }
}

async function digestOf(read: () => Promise<JsonObject>): Promise<unknown> {
  try {
    const { annotations } = (await read()) as { annotations: readonly KeyValue[] };
    return annotations.find(({ key }) => key === digestKey)?.value;
  } catch (error) {
    if (error instanceof Rejection && error.status === 404) return undefined;
    throw error;
  }
}
