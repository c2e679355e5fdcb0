// `npm run images`: builds the images of the action runtimes, with or without a container registry.
//
//   npm run images                          every kind of docker/runtimes.json, for the Docker engine and for runc
//   npm run images -- --kind nodejs:20      only this one; may be given several times
//   npm run images -- --from host           never asks a registry; `registry` never uses the host's files (default: whichever works)
//   npm run images -- --oci DIR             only writes an OCI layout to DIR, without any engine
//
// Where the engine can pull a kind's base, `docker build` builds it. Otherwise it is made of this machine's own files, as an OCI layout in images/
// of the data directory, from which runc starts containers and Docker loads its copy. What is there already is left alone.
// Exits 1 if an image that was asked for by name, or every one, could not be built; 2 for a wrong option.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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
  const kinds = readKinds(root);
  const unknown = values.kind?.find((name) => !kinds.some(({ kind }) => kind === name));
  if (unknown !== undefined) {
    throw new Error(`--kind is "${unknown}"; there are ${kinds.map(({ kind }) => kind).join(', ')}`);
  }
  return { ...values, kinds: kinds.filter(({ kind }) => values.kind?.includes(kind) ?? true), isNamed: !!values.kind };
}

/** Why no registry can be reached, once that is known. */
let unreachable;

/** Builds one; answers what to say of it. */
async function buildOne(kind, { from, oci, engine }) {
  if (engine && from !== 'host') {
    const complaint = unreachable ?? pullComplaint(kind.base);
    if (complaint === undefined) {
      buildImage(root, kind);
      return `built by Docker from ${kind.base}`;
    }
    // A registry that cannot be reached is not asked for each kind anew.
    if (!/manifest|not found/i.test(complaint)) unreachable = complaint;
    if (from === 'registry') throw new Error(`${kind.base} cannot be pulled: ${complaint}`);
    say(`${kind.kind}: ${kind.base} cannot be pulled (${complaint}), so it is made of the host's own files`);
  }
  const data = resolve(root, process.env.HEARTH_DATA_DIR || '.hearth');
  const cache = join(data, 'interpreters');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const directory = resolve(oci ?? join(data, 'images'));
  return locked(directory, () => makeAndLoad(kind, new OciLayout(directory), cache, engine));
}

async function makeAndLoad(kind, layout, cache, engine) {
  const { isNew, says, inputs } = buildFromHost(root, layout, kind, cache);
  const where = `${isNew ? 'made of' : 'unchanged, made of'} ${says}; in ${layout.directory}`;
  if (!engine) return where;
  if (engineHas(kind.image, inputs)) return `${where}; in Docker already`;
  await loadImage(layout, kind.image);
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
  for (const kind of options.kinds) {
    try {
      say(`${kind.kind}: ${kind.image}, ${await buildOne(kind, { ...options, engine })}`);
    } catch (error) {
      failures += 1;
      say(`${kind.kind}: left out, ${error.message}`);
    }
  }
  return failures === options.kinds.length || (options.isNamed && failures > 0) ? 1 : 0;
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
