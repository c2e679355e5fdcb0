// `npm run images -- --oci`: what it writes is a whole OCI layout, the same for the same inputs, and says what it cannot do.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Descriptor {
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

const folder = mkdtempSync(join(tmpdir(), 'hearth-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

function images(
  words: string[],
  env: Record<string, string> = {},
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/images.mjs', ...words], {
    encoding: 'utf8',
    env: { ...process.env, HEARTH_DATA_DIR: join(folder, 'data'), ...env },
  });
  return { status, out: stdout, err: stderr };
}

const major = process.versions.node.split('.', 1)[0]!;
const kind = `nodejs:${major}`;
const name = `hearth/action-nodejs-v${major}:latest`;
const read = (directory: string, digest: string): Buffer =>
  readFileSync(join(directory, 'blobs/sha256', digest.replace('sha256:', '')));

describe('npm run images', () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const index = (directory: string): Descriptor[] =>
    (JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as { manifests: Descriptor[] }).manifests;

  it('writes an OCI layout whose blobs are what their names say', () => {
    const { status, out } = images(['--kind', kind, '--oci', first]);
    expect([status, out]).toEqual([
      0,
      expect.stringMatching(`^${kind}: ${name}, made of the host's own Node, .* in ${first}\n$`),
    ]);
    const [entry, ...others] = index(first);
    expect([others, entry?.annotations?.['org.opencontainers.image.ref.name']]).toEqual([[], name]);
    const manifest = JSON.parse(read(first, entry!.digest).toString()) as { config: Descriptor; layers: Descriptor[] };
    const named = [entry!, manifest.config, ...manifest.layers];
    for (const { digest, size } of named) {
      const bytes = read(first, digest);
      expect([`sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes.length]).toEqual([digest, size]);
    }
    expect(readdirSync(join(first, 'blobs/sha256')).length).toBe(named.length);
    const { config } = JSON.parse(read(first, manifest.config.digest).toString()) as { config: { User: string } };
    expect(config.User).toBe('61000:61000');
  });

  it('makes the same image of the same files', () => {
    images(['--kind', kind, '--oci', second]);
    expect(index(second)).toEqual(index(first));
  });

  it('leaves alone what is there already', () => {
    const before = statSync(join(first, 'index.json')).mtimeMs;
    const { out } = images(['--kind', kind, '--oci', first]);
    expect(out).toContain('unchanged, made of');
    expect(statSync(join(first, 'index.json')).mtimeMs).toBe(before);
  });

  it('says by name what this machine cannot make, and why', () => {
    const { status, out } = images(['--kind', 'python:3', '--oci', first], { PYTHON_3: '/no/such/python' });
    expect(status).toBe(1);
    expect(out).toMatch(/^python:3: left out, this machine has no Python 3.8 or later as \/no\/such\/python/);
    expect(index(first).length).toBe(1);
  });

  it('makes images of the apps that hold all that an app needs, and no tools of building, no secret and no root', () => {
    const layout = join(folder, 'apps');
    const { status, out } = images(['--app', 'scheduler', '--oci', layout]);
    expect([status, out]).toEqual([0, expect.stringMatching('^scheduler: hearth/scheduler:latest, made of the host')]);
    const [entry, ...others] = index(layout);
    expect(others).toEqual([]);
    const manifest = JSON.parse(read(layout, entry!.digest).toString()) as { config: Descriptor; layers: Descriptor[] };
    const { config } = JSON.parse(read(layout, manifest.config.digest).toString()) as {
      config: { User: string; Cmd: string[]; Env: string[] };
    };
    expect(config).toMatchObject({ User: '1000:1000', Cmd: ['node', 'dist/apps/scheduler/src/main.js'] });

    const [base, packages, build, data] = manifest.layers.map(({ digest }) =>
      join(layout, 'blobs', digest.replace(':', '/')),
    );
    const root = join(folder, 'unpacked');
    mkdirSync(root);
    for (const layer of [packages!, build!]) execFileSync('tar', ['-xf', layer, '-C', root]);
    const has = (path: string): boolean => existsSync(join(root, 'hearth', path));
    const looked = ['node_modules/ioredis', 'bin/settings.json', 'node_modules/jest', 'docker/secrets.env', 'test'];
    expect(looked.map(has)).toEqual([true, true, false, false, false]);
    expect(execFileSync('tar', ['--numeric-owner', '-tvf', data!], { encoding: 'utf8' })).toMatch(
      /^drwx------ 1000\/1000 .* var\/lib\/hearth\/\n$/,
    );
    // The libraries of compiled packages are those of the image, not of this machine.
    const inBase = execFileSync('tar', ['-tf', base!], { encoding: 'utf8' });
    const addon = createRequire(join(root, 'hearth/node_modules/libsql/')).resolve(`@libsql/linux-${process.arch}-gnu`);
    const needs = [...execFileSync('ldd', [addon], { encoding: 'utf8' }).matchAll(/=> \S*\/(\S+) \(/g)];
    expect(needs.map(([, library]) => library)).toContain('libgcc_s.so.1');
    for (const [, library] of needs) expect(inBase).toContain(`/${library}\n`);
    // It starts from there, so nothing that it loads is missing, and says which settings it lacks.
    const started = spawnSync(process.execPath, config.Cmd.slice(1), {
      cwd: join(root, 'hearth'),
      encoding: 'utf8',
      env: { HEARTH_DATA_DIR: root },
    });
    expect([started.status, started.stderr]).toEqual([78, expect.stringContaining('CLUSTER_SECRET')]);
  });

  it.each([
    [['--app', 'invoker'], '--app is "invoker"; there are controller, scheduler, invoker-agent'],
    [['--kind', 'cobol:60'], '--kind is "cobol:60"; there are nodejs:20, nodejs:22, python:3'],
    [['--from', 'mars'], '--from is "mars"; give host, registry or either'],
    [['--oci', 'x', '--from', 'registry'], '--oci writes what the host has, so it does not go with --from registry'],
  ])('refuses %j', (words, sentence) => {
    expect(images(words)).toMatchObject({ status: 2, err: `images: ${sentence}\n` });
  });
});
