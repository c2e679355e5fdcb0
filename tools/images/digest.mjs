// One digest of all that an image is made of, so that an image is left alone for as long as nothing of it changes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Of `text` (any JSON), of what is in these files and folders below `root`, and of the programs and libraries, which are known by size and time.
 */
export function digestOf(root, { text, folders, programs }) {
  const hash = createHash('sha256').update(JSON.stringify(text));
  for (const file of folders.flatMap((folder) => filesBelow(join(root, folder)))) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  for (const file of programs) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('__pycache__') && entry.name !== 'secrets.env')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
