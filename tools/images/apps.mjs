// The images of the three apps: built by docker/apps.Dockerfile where its base can be pulled, otherwise of this machine's own files, as those of the
// action runtimes are (from-host.mjs): Node with its libraries, what `npm run build` wrote, and the packages that are needed at run time.
//
// They hold no secret and no setting of this machine: docker/secrets.env stays out.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBaseFiles, writeLoaderCache } from './base-files.mjs';
import { digestOf } from './digest.mjs';
import { copyIn, copyProgram, librariesOf, makeSkeleton } from './host-files.mjs';
import { copyProductionPackages, librariesOfAddons } from './production-packages.mjs';
import { inputsAnnotation } from './oci-layout.mjs';

const dockerfile = 'docker/apps.Dockerfile';
const base = 'node:20-bookworm-slim';
/** As in the base that docker/apps.Dockerfile names. */
const appUser = 1000;
const dataDirectory = 'var/lib/hearth';
/** What the apps read of a checkout. */
const parts = ['package.json', 'bin', 'proto', 'docker', 'dist'];
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const recipes = {
  controller: { user: appUser, tools: [] },
  scheduler: { user: appUser, tools: [] },
  // Root, since it makes containers, freezes them and keeps them apart by the node's firewall.
  'invoker-agent': {
    user: 0,
    tools: [
      ...['iptables', 'iptables-restore', 'nft', 'ip', 'runc'],
      ...['mount', 'umount', 'mknod', 'mkfifo', 'du', 'setpriv'],
    ],
  },
};

export const apps = Object.entries(recipes).map(([name, recipe]) => ({
  name,
  image: `hearth/${name}:latest`,
  dockerfile,
  base,
  target: name,
  ...recipe,
}));

/** Answers `{isNew, says, inputs}`; throws with the reason when this machine lacks what the app needs. */
export function buildAppFromHost(root, layout, app) {
  if (!existsSync(join(root, 'dist/apps', app.name, 'src/main.js'))) throw new Error('run npm run build first');
  const tools = ['chown', ...app.tools].map(findTool);
  const node = process.execPath;
  const programs = [node, ...tools.map(({ path }) => path)];
  const inputs = digestOf(root, {
    text: [app, process.version],
    folders: ['tools/images', 'package-lock.json', ...parts],
    programs: [...programs, ...librariesOf(programs)],
  });
  const says = `the host's own Node, ${process.versions.node}, and this build`;
  if (layout.find(app.image)?.annotations[inputsAnnotation] === inputs) return { isNew: false, says, inputs };
  const stage = mkdtempSync(join(tmpdir(), 'hearth-image-'));
  try {
    const layers = [
      layout.addLayer(baseOf(join(stage, 'base'), node, tools, librariesOfAddons(root))),
      layout.addLayer(packagesOf(join(stage, 'packages'), root)),
      layout.addLayer(buildOf(join(stage, 'build'), root)),
      layout.addLayer(dataOf(join(stage, 'data')), { owner: app.user, only: dataDirectory }),
    ];
    layout.addImage(app.image, { settings: settingsOf(app, inputs), layers, inputs });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return { isNew: true, says, inputs };
}

function findTool(name) {
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`this machine has no ${name}`);
  return { name, path };
}

function baseOf(stage, node, tools, libraries) {
  makeSkeleton(stage);
  addBaseFiles(stage);
  const users = { passwd: `:${appUser}:${appUser}::/${dataDirectory}:/bin/sh`, group: `:${appUser}:` };
  for (const [file, words] of Object.entries(users)) {
    writeFileSync(join(stage, 'etc', file), `hearth:x${words}\n`, { flag: 'a' });
  }
  copyProgram(stage, node, '/usr/local/bin/node');
  for (const { name, path } of tools) copyProgram(stage, path, `/usr/bin/${name}`);
  for (const library of libraries) copyIn(stage, library);
  if (tools.some(({ name }) => name === 'iptables')) copyExtensions(stage, tools);
  writeLoaderCache(stage);
  return stage;
}

/** What iptables loads by name, beside the library that all of it uses. */
function copyExtensions(stage, tools) {
  const { path } = tools.find(({ name }) => name === 'iptables');
  const library = librariesOf([path]).find((file) => /\/libxtables\.so/.test(file));
  const from = library?.replace(/^\/lib\//, '/usr/lib/').replace(/[^/]*$/, 'xtables');
  if (from !== undefined && existsSync(from)) cpSync(from, join(stage, from), { recursive: true, dereference: true });
}

function packagesOf(stage, root) {
  copyProductionPackages(root, join(stage, 'hearth'));
  return stage;
}

function buildOf(stage, root) {
  const target = join(stage, 'hearth');
  mkdirSync(target, { recursive: true });
  const isWanted = (path) => !path.endsWith('__pycache__') && !/secrets\.env$/.test(path);
  for (const part of parts) cpSync(join(root, part), join(target, part), { recursive: true, filter: isWanted });
  return stage;
}

function dataOf(stage) {
  mkdirSync(join(stage, dataDirectory), { recursive: true });
  chmodSync(join(stage, dataDirectory), 0o700);
  return stage;
}

/** As in the image that is made by docker/apps.Dockerfile. */
const allocator = ['MALLOC_ARENA_MAX=2', 'MALLOC_TRIM_THRESHOLD_=131072'];
const settingsOf = ({ name, user }, inputs) => ({
  User: `${user}:${user}`,
  Env: [
    `PATH=${folders.join(':')}`,
    'LANG=C.UTF-8',
    'NODE_ENV=production',
    `HEARTH_DATA_DIR=/${dataDirectory}`,
    ...allocator,
  ],
  Cmd: ['node', `dist/apps/${name}/src/main.js`],
  WorkingDir: '/hearth',
  Labels: { [inputsAnnotation]: inputs },
});
