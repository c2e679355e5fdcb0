// Files that belong to the product and are no code, found from wherever the code runs: sources, dist, or an image.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The path of a file of the product (e.g. `docker/runtimes.json`), looked for in every folder above this one. Throws if there is none. */
export function productFile(relative: string): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const path = join(folder, relative);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) throw new Error(`${relative} is not there; run from a whole checkout.`);
  }
}
