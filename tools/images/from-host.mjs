// Builds the image of an action runtime without any registry and without any engine, from what this machine has: the interpreter with its
// libraries, a shell, certificates, and our runtime unchanged. Two layers, so that a change of the runtime costs a few kilobytes.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBaseFiles, writeLoaderCache } from './base-files.mjs';
import { digestOf } from './digest.mjs';
import { findNode } from './find-node.mjs';
import { addPython, compilePython, findPython } from './find-python.mjs';
import { copyProgram, librariesOf, makeSkeleton } from './host-files.mjs';
import { inputsAnnotation } from './oci-layout.mjs';
import { settingsOf } from './kinds.mjs';

/** Answers `{isNew, says, inputs}`; throws with the reason when this machine lacks what the kind needs. */
export function buildFromHost(root, layout, kind, cacheDirectory) {
  const interpreter = kind.language === 'python' ? findPython() : findNode(kind, cacheDirectory);
  const sources = join(root, kind.sources);
  const inputs = digestOfInputs(root, interpreter, kind);
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
const digestOfInputs = (root, { path, version }, kind) =>
  digestOf(root, {
    text: [kind, version],
    folders: ['tools/images', kind.sources],
    programs: [path, ...librariesOf([path])],
  });
