// Builds dist/ with swc: proto -> TypeScript -> CommonJS. Does nothing when no source is newer than the last build, so that
// `npm start` costs nothing when everything is built. Types are checked apart (`npm run typecheck`).
//
// A build is made aside and put in place as a whole, so that a Hearth that starts meanwhile never finds half of one; a file that
// changes while it is built counts as newer.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateProtocol } from './proto.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
/** The simulated cluster runs as a command, and beside its sources as a test. */
const parts = ['apps', 'libs', 'test/simulation'];

/** The latest time of change below a path; tests are not built and do not count. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return path.endsWith('.spec.ts') ? 0 : stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

const sinceBuild = (...paths) => {
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  return paths.some((path) => newest(join(root, path)) > builtAt);
};

/** Data that compiled files read from beside themselves. */
const dataFolders = ['apps/controller/src/rest/swagger'];

/** Replaces dist/<part> by what was built aside. */
function putInPlace(aside) {
  const old = `${aside}-old`;
  mkdirSync(old, { recursive: true });
  mkdirSync(dist, { recursive: true });
  for (const part of parts) {
    for (const place of [dist, old]) mkdirSync(dirname(join(place, part)), { recursive: true });
    if (existsSync(join(dist, part))) renameSync(join(dist, part), join(old, part));
    renameSync(join(aside, part), join(dist, part));
  }
  for (const done of [aside, old]) rmSync(done, { recursive: true, force: true });
}

/** Answers whether anything was built. */
export function build({ force = false } = {}) {
  const generated = join(root, 'libs/protocol/src/generated');
  if (force || !existsSync(generated) || newest(join(root, 'proto')) > newest(generated)) generateProtocol();
  if (!force && !sinceBuild(...parts, '.swcrc', 'package-lock.json')) return false;
  const began = new Date();
  // Beside dist, not in it: the paths in source maps are relative.
  const aside = join(root, `.dist-${process.pid}`);
  execFileSync(
    join(root, 'node_modules/.bin/swc'),
    [...parts, '-d', aside, '--config-file', '.swcrc', '--ignore', '**/*.spec.ts,**/*.long.ts', '--quiet'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  for (const folder of dataFolders) cpSync(join(root, folder), join(aside, folder), { recursive: true });
  putInPlace(aside);
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(build({ force: process.argv.includes('--force') }) ? 'build: done' : 'build: nothing to do');
}
