// The action runtimes that images are built of: what each runs, from which base it is built where there is a registry, and where its
// interpreter comes from where there is none. The images' names are those of docker/runtimes.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user that no distribution gives to anybody, as the agent's hardening has it. */
export const actionUser = 61_000;

const node = (major, npmVersion) => ({
  language: 'nodejs',
  major,
  base: `node:${major}-bookworm-slim`,
  dockerfile: 'docker/nodejs.Dockerfile',
  /** The registry of npm has Node itself as a package for each platform. */
  npmVersion,
  command: ['/usr/local/bin/node', '/action/server.js'],
  sources: 'docker/action-runtimes/nodejs',
});

const recipes = {
  'nodejs:20': node(20, '20.20.2'),
  'nodejs:22': node(22, '22.23.3'),
  'python:3': {
    language: 'python',
    major: 3,
    base: 'python:3-slim-bookworm',
    dockerfile: 'docker/python.Dockerfile',
    command: ['/usr/local/bin/python3', '-B', '/action/server.py'],
    sources: 'docker/action-runtimes/python',
  },
};

/** Every kind of the manifest that we have a runtime for, with the name of its image. */
export function readKinds(root) {
  const { runtimes } = JSON.parse(readFileSync(join(root, 'docker/runtimes.json'), 'utf8'));
  return Object.values(runtimes)
    .flat()
    .filter(({ kind }) => kind in recipes)
    .map(({ kind, image: { registry, prefix, name, tag } }) => ({
      kind,
      image: `${registry ? `${registry}/` : ''}${prefix}/${name}:${tag}`,
      ...recipes[kind],
    }));
}

/** What every image of ours says of itself, whichever way it was built. */
export const settingsOf = ({ kind, command, language }) => ({
  User: `${actionUser}:${actionUser}`,
  Env: [
    'PATH=/usr/local/bin:/usr/bin:/bin',
    'LANG=C.UTF-8',
    'HOME=/tmp',
    'TMPDIR=/tmp',
    ...(language === 'python' ? ['SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'] : []),
  ],
  Cmd: command,
  WorkingDir: '/tmp',
  ExposedPorts: { '8080/tcp': {} },
  Labels: { 'hearth.kind': kind },
});
