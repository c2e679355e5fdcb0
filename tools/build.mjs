// Builds dist/ with swc: proto -> TypeScript -> CommonJS. Does nothing when no source is newer than the last build, so that
// `npm start` costs nothing when everything is built. Types are checked apart (`npm run typecheck`).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateProtocol } from './proto.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist/.built');

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { withFileTypes: true }).reduce(
    (latest, entry) => Math.max(latest, newest(join(path, entry.name))),
    stat.mtimeMs,
  );
}

const sinceBuild = (...paths) => paths.some((path) => newest(join(root, path)) > (existsSync(stamp) ? statSync(stamp).mtimeMs : 0));

/** Answers whether anything was built. */
export function build({ force = false } = {}) {
  const generated = join(root, 'libs/protocol/src/generated');
  if (force || !existsSync(generated) || newest(join(root, 'proto')) > newest(generated)) generateProtocol();
  if (!force && !sinceBuild('apps', 'libs', '.swcrc', 'package-lock.json')) return false;
  for (const part of ['apps', 'libs']) rmSync(join(root, 'dist', part), { recursive: true, force: true });
  execFileSync(
    join(root, 'node_modules/.bin/swc'),
    ['apps', 'libs', '-d', 'dist', '--config-file', '.swcrc', '--ignore', '**/*.spec.ts', '--quiet'],
    { cwd: root, stdio: 'inherit' },
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(build({ force: process.argv.includes('--force') }) ? 'build: done' : 'build: nothing to do');
}
