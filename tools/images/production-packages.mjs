// The packages that the apps need at run time, as package-lock.json has them: copied out of node_modules of this checkout, without those that only
// building and testing need.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { librariesOf } from './host-files.mjs';

/** Into `node_modules` below `target`. Throws if a package that is needed is not installed. */
export function copyProductionPackages(root, target) {
  for (const path of installed(root)) {
    // A package within a package has an entry of its own.
    const isOwn = (file) => file === join(root, path) || basename(file) !== 'node_modules';
    cpSync(join(root, path), join(target, path), { recursive: true, filter: isOwn });
  }
}

/** The shared libraries that packages' compiled parts need, as absolute paths. */
export function librariesOfAddons(root) {
  const files = installed(root).flatMap((path) =>
    readdirSync(join(root, path))
      .filter((name) => name.endsWith('.node'))
      .map((name) => join(root, path, name)),
  );
  // Those for musl come along with some packages, and are never loaded on glibc.
  return librariesOf(files.filter((file) => !file.includes('musl')));
}

function installed(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages).flatMap(([path, { dev, optional }]) => {
    if (path === '' || dev) return [];
    if (existsSync(join(root, path))) return [path];
    if (optional) return [];
    throw new Error(`${path} is not installed; run npm ci`);
  });
}
