// Builds the image of an action runtime without any registry and without any engine, from what this machine has: the interpreter with its
// libraries, a shell, certificates, and our runtime unchanged. Two layers, so that a change of the runtime costs a few kilobytes.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBaseFiles, writeLoaderCache } from './base-files.mjs';
import { findNode } from './find-node.mjs';
import { addPython, compilePython, findPython } from './find-python.mjs';
import { copyProgram, librariesOf, makeSkeleton } from './host-files.mjs';
import { inputsAnnotation } from './oci-layout.mjs';
import { settingsOf } from './kinds.mjs';

/** Answers `{isNew, says, inputs}`; throws with the reason when this machine lacks what the kind needs. */
export function buildFromHost(root, layout, kind, cacheDirectory) {
  const interpreter = kind.language === 'python' ? findPython() : findNode(kind, cacheDirectory);
  const sources = join(root, kind.sources);
  const inputs = digestOfInputs(root, interpreter, sources, kind);
  const says = `${interpreter.found}, ${interpreter.version}`;
  if (layout.find(kind.image)?.annotations[inputsAnnotation] === inputs) return { isNew: false, says, inputs };
  const stage = mkdtempSync(join(tmpdir(), 'hearth-image-'));
  try {
    const layers = [
      layout.addLayer(baseOf(join(stage, 'base'), kind, interpreter)),
      layout.addLayer(actionOf(join(stage, 'action'), kind, interpreter, sources)),
    ];
    const settings = settingsOf(kind);
    settings.Labels[inputsAnnotation] = inputs;
    layout.addImage(kind.image, { settings, layers, inputs });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return { isNew: true, says, inputs };
}

function baseOf(stage, { language }, interpreter) {
  makeSkeleton(stage);
  addBaseFiles(stage);
  if (language === 'python') {
    addPython(stage, interpreter);
    const library = `usr/local/lib/${interpreter.name}`;
    compilePython(interpreter.path, join(stage, library), `/${library}`);
  } else {
    copyProgram(stage, interpreter.path, '/usr/local/bin/node');
  }
  writeLoaderCache(stage);
  return stage;
}

function actionOf(stage, { language }, interpreter, sources) {
  const folder = join(stage, 'action');
  mkdirSync(folder, { recursive: true });
  cpSync(sources, folder, { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
  if (language === 'python') compilePython(interpreter.path, folder, '/action');
  return stage;
}

/** Changes with everything that an image is made of: this code, the runtime, the interpreter and its libraries. */
function digestOfInputs(root, { path, version }, sources, kind) {
  const hash = createHash('sha256').update(JSON.stringify([kind, version]));
  for (const folder of [join(root, 'tools/images'), sources]) {
    for (const file of filesBelow(folder)) hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  for (const file of [path, ...librariesOf([path])]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
