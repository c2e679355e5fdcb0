// Parameters at rest, through the entity layer, on a real SQLite file that is opened with one key after the other.
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '#clock';
import { type Identity, type JsonObject, messages, readRuntimesManifest } from '#entity';
import { defaultLimits } from '#limits';
import { ParameterSeal } from '#seal';
import { openSqliteStores, type Stores } from '#store';
import { ActionRepository } from './action-repository';
import { InProcessInvalidation } from './cache-invalidation';
import { entitiesOf } from './entities';
import { withSealedParameters } from './sealed-artifacts';
import { seedSystemPackages, systemNamespace } from './system-packages';

const [keyA, keyB] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const plaintext = 'plain-hunter2';
const manifest = readRuntimesManifest(JSON.parse(readFileSync('docker/runtimes.json', 'utf8')));
const guest: Identity = { subject: 'guest', namespace: 'guest', uuid: '', apiKey: '', limits: {} };
const own = (name: string, packageName?: string) => ({ namespace: 'guest', packageName, name });
const parameters = (of: string) => [
  { key: of, value: { secret: `${plaintext} of ${of}` } },
  { key: 'shared', value: `${plaintext}, ${of}`, init: true },
];
const lost = { status: 500, message: messages.parametersSealed };

describe('parameters in the store', () => {
  let directory: string;
  let stores: Stores;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hearth-sealed-'));
    stores = await openSqliteStores({ path: join(directory, 'hearth.db') });
  });
  afterEach(async () => {
    await stores.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** The entity layer of a controller that has just started with these keys. */
  function under(key: Buffer | undefined, ...former: Buffer[]) {
    const sealed = withSealedParameters(stores, new ParameterSeal(key, former));
    const clock = new ManualClock();
    const repository = new ActionRepository(sealed.artifacts, defaultLimits, clock, new InProcessInvalidation());
    return { repository, ...entitiesOf(sealed, repository, manifest, defaultLimits, clock) };
  }
  type Layer = ReturnType<typeof under>;

  async function write({ actions, packages, triggers, rules }: Layer): Promise<JsonObject[]> {
    const exec = { kind: 'nodejs:20', code: 'function main() {}' };
    return [
      await packages.put(
        guest,
        own('provider'),
        () => true,
        () => ({ parameters: parameters('provider') }),
      ),
      await packages.put(
        guest,
        own('bound'),
        () => true,
        () => ({
          binding: { namespace: 'guest', name: 'provider' },
          parameters: parameters('binding'),
        }),
      ),
      await actions.put(
        guest,
        own('a', 'provider'),
        () => true,
        () => ({ exec, parameters: parameters('action') }),
      ),
      await triggers.put(
        guest,
        own('t'),
        () => true,
        () => ({ parameters: parameters('trigger') }),
      ),
      await rules.put(
        guest,
        own('r'),
        () => true,
        () => ({ trigger: '/guest/t', action: '/guest/bound/a' }),
      ),
    ];
  }

  async function read({ actions, packages, triggers, rules, repository }: Layer): Promise<unknown[]> {
    const page = { skip: 0, limit: 30, isCount: false };
    return [
      await actions.get(guest, own('a', 'provider'), true),
      await actions.get(guest, own('a', 'bound'), false),
      await packages.get(guest, own('provider')),
      await packages.get(guest, own('bound')),
      await triggers.get(own('t')),
      await rules.get(own('r')),
      await repository.resolve('guest', own('a', 'bound')),
      await repository.resolve('guest', own('a', 'bound')),
      ...(await lists({ actions, packages, triggers }, page)),
    ];
  }

  async function lists({ actions, packages, triggers }: Pick<Layer, 'actions' | 'packages' | 'triggers'>, page: Page) {
    return [
      await actions.list('guest', undefined, page),
      await packages.list(guest, 'guest', page),
      await triggers.list('guest', page),
    ];
  }
  type Page = Parameters<Layer['actions']['list']>[2];

  /** Everything that SQLite has written. */
  async function onDisk(): Promise<string> {
    const files = await readdir(directory);
    return files.map((file) => readFileSync(join(directory, file), 'latin1')).join('\n');
  }

  const withoutRevision = (answers: unknown): unknown =>
    JSON.parse(JSON.stringify(answers), (key, value: unknown) => (/^(revision|version)$/.test(key) ? 0 : value));

  it('are nowhere in its files, and the API shows what it shows without a key', async () => {
    await write(under(keyA));
    const sealed = [await write(under(keyA)), await read(under(keyA))];
    expect(await onDisk()).toContain('"encryption":"aes-256"');
    expect(await onDisk()).not.toContain(plaintext);
    const clear = [await write(under(undefined, keyA)), await read(under(undefined))];
    expect(withoutRevision(sealed)).toEqual(withoutRevision(clear));
    expect(JSON.stringify(sealed)).toContain(`${plaintext} of binding`);
    expect(await onDisk()).toContain(plaintext);
  });

  it('are read as they were stored before there was a key, and sealed at the next write of each', async () => {
    await write(under(undefined));
    const before = await read(under(undefined));
    expect(await read(under(keyA))).toEqual(before);
    const on = under(keyA);
    await on.actions.put(
      guest,
      own('a', 'provider'),
      () => true,
      () => ({ annotations: [{ key: 'x', value: 1 }] }),
    );
    const stored = await stores.artifacts.get({ path: 'guest/provider', name: 'a' });
    expect(JSON.stringify(stored)).not.toContain(plaintext);
    expect(JSON.stringify(await stores.artifacts.get({ path: 'guest', name: 't' }))).toContain(plaintext);
    await on.rules.setStatus(own('r'), () => ({ status: 'inactive' }));
    expect(JSON.stringify(await stores.artifacts.get({ path: 'guest', name: 't' }))).not.toContain(plaintext);
  });

  it('survive a change of the key', async () => {
    await write(under(keyA));
    const before = await read(under(keyA));
    expect(await read(under(keyB, keyA))).toEqual(before);
    await write(under(keyB, keyA));
    expect(withoutRevision(await read(under(keyB)))).toEqual(withoutRevision(before));
  });

  it.each([
    ['another key', keyB],
    ['no key', undefined],
  ])('fail with %s for their entity only, until it is written anew', async (_, key) => {
    const exec = { kind: 'nodejs:20', code: 'function main() {}' };
    await write(under(keyA));
    await under(keyA).actions.put(
      guest,
      own('plain'),
      () => true,
      () => ({ exec }),
    );
    const layer = under(key);
    const { actions, packages, triggers, repository } = layer;
    for (const attempt of [
      () => actions.get(guest, own('a', 'provider'), true),
      () =>
        actions.put(
          guest,
          own('a', 'provider'),
          () => true,
          () => ({}),
        ),
      () => packages.get(guest, own('bound')),
      () => triggers.get(own('t')),
      () => repository.resolve('guest', own('a', 'bound')),
    ])
      await expect(attempt()).rejects.toMatchObject(lost);
    expect((await repository.resolve('guest', own('plain'))).parameters).toEqual([]);
    expect(await lists(layer, { skip: 0, limit: 30, isCount: false })).toMatchObject([
      { length: 2 },
      { length: 2 },
      {},
    ]);

    await triggers.put(
      guest,
      own('t'),
      () => true,
      () => ({ parameters: parameters('new') }),
    );
    expect(await triggers.get(own('t'))).toMatchObject({ parameters: parameters('new') });

    // Whoever does not want it any more is told that it is gone, without what cannot be shown.
    await under(keyA).triggers.put(
      guest,
      own('t2'),
      () => true,
      () => ({ parameters: parameters('lost') }),
    );
    expect(await triggers.remove(own('t2'))).toEqual({ namespace: 'guest', name: 't2', updated: expect.any(Number) });
    expect(await actions.remove(own('a', 'provider'))).toMatchObject({ name: 'a' });
    expect(await packages.remove(own('bound'), false)).toMatchObject({ name: 'bound' });
    await expect(triggers.get(own('t2'))).rejects.toMatchObject({ status: 404 });
  });

  it('keep no controller from starting when the key of a system package is lost', async () => {
    const writer = { ...guest, namespace: systemNamespace };
    const name = { namespace: systemNamespace, name: 'utils' };
    await under(keyA).packages.put(
      writer,
      name,
      () => true,
      () => ({ parameters: parameters('utils') }),
    );
    const layer = under(keyB);
    await seedSystemPackages(layer, manifest);
    await expect(layer.packages.get(writer, name)).rejects.toMatchObject(lost);
    expect(await layer.packages.get(writer, { ...name, name: 'samples' })).toMatchObject({ publish: true });
  });
});
