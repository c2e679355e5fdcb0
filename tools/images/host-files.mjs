// Copies programs of this machine into a root file system, each with the shared libraries that the loader would find for it.
//
// A file keeps its path, but for what lies in /bin, /sbin, /lib and /lib64: those are links to the same names below /usr, as in Debian.
// Links are followed, owners and times are not kept.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const merged = ['bin', 'sbin', 'lib', 'lib64'];

export function makeSkeleton(stage) {
  for (const name of merged) {
    mkdirSync(join(stage, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(stage, name));
  }
  // Where an engine mounts something; a read-only root cannot get them later.
  for (const name of ['proc', 'sys', 'dev', 'etc', 'run', 'var', 'usr/local/bin', 'action']) {
    mkdirSync(join(stage, name), { recursive: true });
  }
  mkdirSync(join(stage, 'tmp'));
  chmodSync(join(stage, 'tmp'), 0o1777);
}

/** Its path in the image. */
const place = (path) => (merged.some((name) => path.startsWith(`/${name}/`)) ? `/usr${path}` : path);

export function copyIn(stage, path, at = place(path)) {
  const target = join(stage, at);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(path, target);
  chmodSync(target, statSync(path).mode & 0o111 ? 0o755 : 0o644);
}

/** The shared libraries and the loader that these programs and libraries need, as absolute paths. */
export function librariesOf(paths) {
  const found = new Set();
  for (const path of paths) {
    for (const library of linesOf(path)) found.add(library);
  }
  return [...found];
}

function linesOf(path) {
  let text;
  try {
    text = execFileSync('ldd', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // A program without a loader needs nothing.
    if (/not a dynamic executable|statically linked/.test(`${error.stdout}${error.stderr}`)) return [];
    throw new Error(`cannot tell the libraries of ${path}: ${error.stderr || error.message}`, { cause: error });
  }
  const missing = /^\s*(\S+) => not found/m.exec(text);
  if (missing) throw new Error(`${path} needs ${missing[1]}, which this machine does not have`);
  return [...text.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, library]) => library);
}

export function copyProgram(stage, path, at) {
  copyIn(stage, path, at);
  for (const library of librariesOf([path])) copyIn(stage, library);
}
