// Brings node_modules in line with package-lock.json, when it is not.
//
// It compares what npm noted about its last complete installation with the lock file, package by package: times of files say
// nothing after a clone or a copy, and an installation that was broken off leaves no note.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};

/** Why an installation is needed, or undefined. */
export function installationNeed(root) {
  const note = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return 'nothing is installed yet';
  const installed = packagesOf(note);
  const changed = Object.entries(packagesOf(join(root, 'package-lock.json'))).find(([path, wanted]) => {
    if (path === '') return false;
    const found = installed[path];
    // Packages of other platforms are in the lock file only.
    return found === undefined ? !wanted.optional && !wanted.devOptional : found.version !== wanted.version;
  });
  return changed && `${changed[0].replace(/^.*node_modules\//, '')} is not as in package-lock.json`;
}

/** Installs if needed; says so by `say`. Throws with one sentence if npm fails. */
export function installIfNeeded(root, say) {
  const need = installationNeed(root);
  if (need === undefined) return false;
  say(`installing dependencies with npm ci (${need})`);
  // Development dependencies are wanted even where NODE_ENV says production: the build needs them.
  const words = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const byNode = npm?.endsWith('.js') ?? false;
  const { status, error } = spawnSync(byNode ? process.execPath : 'npm', byNode ? [npm, ...words] : words, {
    cwd: root,
    // npm's report goes to stderr, so that stdout has only what Hearth itself says.
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    throw new Error(
      `npm ci failed (${error?.message ?? `exit code ${status}`}); its report is above. Try again once that is solved.`,
    );
  }
  return true;
}
