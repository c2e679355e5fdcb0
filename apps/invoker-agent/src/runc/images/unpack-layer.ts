// Unpacks one layer of an image into a directory of its own, as overlayfs wants it.
//
// A layer is unpacked into an empty directory, never onto another one: a link in a lower layer could otherwise lead what lies above it out of the
// directory. What a layer takes away (OCI: `.wh.` files) becomes overlayfs' own mark, a character device 0/0.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { run } from '../../host/command';

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/** `below`: the directories of the layers under it, which `.wh..wh..opq` takes away all of a directory of. */
export async function unpackLayer(
  archive: string,
  into: string,
  below: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const how = ['--extract', '--preserve-permissions', '--numeric-owner', '--same-owner', '--delay-directory-restore'];
  await run('tar', [...how, '--file', archive, '--directory', into], { timeoutMs });
  for (const mark of filesNamed(into, whiteout)) {
    const directory = dirname(mark);
    rmSync(mark);
    const names =
      basename(mark) === opaque
        ? below.flatMap((layer) => entriesOf(join(layer, relative(into, directory))))
        : [basename(mark).slice(whiteout.length)];
    for (const name of new Set(names)) {
      const path = join(directory, name);
      if (!exists(path)) await run('mknod', [path, 'c', '0', '0'], { timeoutMs });
    }
  }
}

function filesNamed(directory: string, prefix: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesNamed(path, prefix);
    return entry.name.startsWith(prefix) ? [path] : [];
  });
}

/** Links are not followed; what is no directory has none. */
function entriesOf(directory: string): string[] {
  return exists(directory) && lstatSync(directory).isDirectory() ? readdirSync(directory) : [];
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
