// A private PostgreSQL for the bench, with the server's own defaults: every commit waits for the disk.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePorts } from '../children.mjs';

const debianFolder = '/usr/lib/postgresql';
/** Debian's id of nobody: the server refuses to run as root. */
const nobody = 65_534;

/** Answers the URL of an empty database. */
export async function startPostgres(children) {
  const directory = children.makeDirectory('postgres');
  const isRoot = process.geteuid?.() === 0;
  // Its parents are its owner's only.
  if (isRoot) {
    chmodSync(children.directory, 0o711);
    chownSync(directory, nobody, nobody);
  }
  const as = isRoot ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : [];
  const data = join(directory, 'data');
  const [port] = await freePorts(1);
  // Nobody else on this machine may use it, and it is gone in minutes.
  const initialise = [...as, program('initdb'), '-D', data, '-U', 'hearth', '-A', 'trust', '-E', 'UTF8', '--no-locale'];
  execFileSync(initialise[0], initialise.slice(1), { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const words = [...as, program('postgres'), '-D', data, '-p', String(port), '-k', directory, '-h', '127.0.0.1'];
  const server = children.start(words[0], words.slice(1), { cwd: directory });
  await children.listening(server, port, 'PostgreSQL');
  return `postgres://hearth@127.0.0.1:${port}/postgres`;
}

function program(name) {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((one) => join(debianFolder, one, 'bin')),
  ];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no ${name}; install postgresql`);
  return found;
}
