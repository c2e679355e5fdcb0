// `npm run images`: builds the images of the action runtimes and of the apps, with or without a container registry.
//
//   npm run images                          every kind of docker/runtimes.json, for the Docker engine and for runc
//   npm run images -- --kind nodejs:20      only this one; may be given several times
//   npm run images -- --apps                also the apps: controller, scheduler, invoker-agent
//   npm run images -- --app scheduler       only this one; may be given several times, and with --kind
//   npm run images -- --from host           never asks a registry; `registry` never uses the host's files (default: whichever works)
//   npm run images -- --oci DIR             only writes an OCI layout to DIR, without any engine
//
// Where the engine can pull an image's base, `docker build` builds it. Otherwise it is made of this machine's own files, as an OCI layout in images/
// of the data directory, from which runc starts containers and Docker loads its copy. What is there already is left alone.
// Exits 1 if an image that was asked for by name, or every one, could not be built; 2 for a wrong option.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { apps, buildAppFromHost } from './images/apps.mjs';
import { buildImage, engineComplaint, engineHas, loadImage, pullComplaint } from './images/engine.mjs';
import { buildFromHost } from './images/from-host.mjs';
import { readKinds } from './images/kinds.mjs';
import { locked } from './images/lock.mjs';
import { OciLayout } from './images/oci-layout.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      kind: { type: 'string', multiple: true },
      app: { type: 'string', multiple: true },
      apps: { type: 'boolean', default: false },
      from: { type: 'string', default: 'either' },
      oci: { type: 'string' },
    },
  });
  if (!['either', 'host', 'registry'].includes(values.from)) {
    throw new Error(`--from is "${values.from}"; give host, registry or either`);
  }
  if (values.oci !== undefined && values.from === 'registry') {
    throw new Error('--oci writes what the host has, so it does not go with --from registry');
  }
  const kinds = readKinds(root).map((kind) => ({ ...kind, name: kind.kind, fromHost: buildFromHost }));
  const appImages = apps.map((app) => ({ ...app, fromHost: buildAppFromHost }));
  const isNamed = values.kind !== undefined || values.app !== undefined;
  const images = isNamed
    ? [...named('--kind', values.kind, kinds), ...named('--app', values.apps ? undefined : values.app, appImages)]
    : kinds;
  return { ...values, images: values.apps ? [...images, ...appImages] : images, isNamed };
}

function named(option, names = [], all) {
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Error(`${option} is "${unknown}"; there are ${all.map(({ name }) => name).join(', ')}`);
  }
  return all.filter(({ name }) => names.includes(name));
}

/** Why no registry can be reached, once that is known. */
let unreachable;

/** Builds one; answers what to say of it. */
async function buildOne(image, { from, oci, engine }) {
  if (engine && from !== 'host') {
    const complaint = unreachable ?? pullComplaint(image.base);
    if (complaint === undefined) {
      buildImage(root, image);
      return `built by Docker from ${image.base}`;
    }
    // A registry that cannot be reached is not asked for each image anew.
    if (!/manifest|not found/i.test(complaint)) unreachable = complaint;
    if (from === 'registry') throw new Error(`${image.base} cannot be pulled: ${complaint}`);
    say(`${image.name}: ${image.base} cannot be pulled (${complaint}), so it is made of the host's own files`);
  }
  const data = resolve(root, process.env.HEARTH_DATA_DIR || '.hearth');
  const cache = join(data, 'interpreters');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const directory = resolve(oci ?? join(data, 'images'));
  return locked(directory, () => makeAndLoad(image, new OciLayout(directory), cache, engine));
}

async function makeAndLoad(image, layout, cache, engine) {
  const { isNew, says, inputs } = image.fromHost(root, layout, image, cache);
  const where = `${isNew ? 'made of' : 'unchanged, made of'} ${says}; in ${layout.directory}`;
  if (!engine) return where;
  if (engineHas(image.image, inputs)) return `${where}; in Docker already`;
  await loadImage(layout, image.image);
  return `${where}; loaded into Docker`;
}

async function main(options) {
  const complaint = options.oci === undefined ? engineComplaint() : undefined;
  const engine = options.oci === undefined && complaint === undefined;
  if (complaint !== undefined) {
    if (options.from === 'registry') throw new Error(`Docker does not answer: ${complaint}`);
    say(`images: Docker does not answer (${complaint}), so images are only written for runc`);
  }
  let failures = 0;
  for (const image of options.images) {
    try {
      say(`${image.name}: ${image.image}, ${await buildOne(image, { ...options, engine })}`);
    } catch (error) {
      failures += 1;
      say(`${image.name}: left out, ${error.message}`);
    }
  }
  return failures === options.images.length || (options.isNamed && failures > 0) ? 1 : 0;
}

let options;
try {
  options = readOptions();
} catch (error) {
  process.stderr.write(`images: ${error.message}\n`);
  process.exit(2);
}
try {
  process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`images: ${error.message}\n`);
  process.exitCode = 1;
}
