// Which user a foreign image's program runs as: numbers as they are, names by the image's own passwd and group files. Root where it says nothing.
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotCreate } from '../container-driver';

export function imageUser(user: string, root: string): { uid: number; gid: number } {
  if (user === '') return { uid: 0, gid: 0 };
  const [name = '', group] = user.split(':');
  const entry = entries(root, 'passwd').find((fields) => fields[0] === name || fields[2] === name);
  const uid = /^\d+$/.test(name) ? Number(name) : Number(entry?.[2] ?? NaN);
  const groupEntry = entries(root, 'group').find((fields) => fields[0] === group);
  const gid =
    group === undefined
      ? Number(entry?.[3] ?? 0)
      : /^\d+$/.test(group)
        ? Number(group)
        : Number(groupEntry?.[2] ?? NaN);
  if (Number.isNaN(uid) || Number.isNaN(gid))
    throw new CannotCreate(`The image wants to run as '${user}', and does not say who that is.`);
  return { uid, gid };
}

/** Only plain files: a link could lead out of the image. */
function entries(root: string, file: string): string[][] {
  const isPlain = lstatSync(join(root, 'etc'), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = join(root, 'etc', file);
  if (!isPlain || !lstatSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
