// What an image holds besides its interpreter: a shell with the common tools (actions start commands), certificates, time zones, and the
// files that the C library looks for.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyIn, copyProgram } from './host-files.mjs';
import { actionUser } from './kinds.mjs';

const tools = (
  'sh env cat cp mv rm mkdir rmdir ls ln chmod sleep echo true false test printf pwd id uname date head tail wc sort uniq tr cut ' +
  'basename dirname touch sed grep find xargs tar gzip kill'
).split(' ');

const certificates = '/etc/ssl/certs/ca-certificates.crt';
const zones = '/usr/share/zoneinfo';

const texts = {
  'etc/passwd': `root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\naction:x:${actionUser}:${actionUser}::/tmp:/bin/sh\n`,
  'etc/group': `root:x:0:\nnogroup:x:65534:\naction:x:${actionUser}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  // Engines mount theirs over these.
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  'etc/hostname': '',
  'etc/resolv.conf': '',
};

export function addBaseFiles(stage) {
  for (const tool of tools) {
    const path = ['/usr/bin', '/bin'].map((folder) => join(folder, tool)).find((candidate) => existsSync(candidate));
    if (path) copyProgram(stage, path, `/usr/bin/${tool}`);
  }
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(stage, path), text);
  if (existsSync(certificates)) copyIn(stage, certificates);
  if (existsSync(zones)) {
    mkdirSync(join(stage, 'usr/share'), { recursive: true });
    // The second copies that leap seconds and older programs need are as large again.
    const wanted = (path) => !/\/zoneinfo\/(posix|right)(\/|$)/.test(path);
    cpSync(zones, join(stage, zones), { recursive: true, dereference: true, filter: wanted });
  }
}

/** Libraries may lie where only the loader's cache knows of them. */
export function writeLoaderCache(stage) {
  for (const path of ['/etc/ld.so.conf']) if (existsSync(path)) copyIn(stage, path);
  const folder = '/etc/ld.so.conf.d';
  if (existsSync(folder)) cpSync(folder, join(stage, folder), { recursive: true });
  try {
    execFileSync('ldconfig', ['-r', stage, '-X'], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
    });
  } catch {
    // Without it the loader looks into its usual folders, where nearly everything is.
    return;
  }
}
