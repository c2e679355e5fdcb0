// What some tests need from the machine, and how it gets there.
//
// On Debian as root a missing program is installed with apt-get, which is said; HEARTH_TEST_INSTALL=0 turns that off. What is still missing
// afterwards keeps its suites from running, each with a reason.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps the programs of each version of PostgreSQL, beside the PATH. */
const postgresFolder = '/usr/lib/postgresql';
const postgresFolders = () =>
  existsSync(postgresFolder) ? readdirSync(postgresFolder).map((version) => join(postgresFolder, version, 'bin')) : [];

/** `suites` are patterns of paths, as jest takes them. `needsRoot`: the program is of use to root only. `folders`: looked into, too. */
export const needs = [
  { binary: 'python3', debianPackage: 'python3-minimal', suites: ['test/e2e/python.spec.ts'] },
  {
    binary: 'redis-server',
    debianPackage: 'redis-server',
    suites: [
      'redis-invalidation.spec.ts',
      'redis-permits.spec.ts',
      'tell-controllers.spec.ts',
      'redis-leader-lock.spec.ts',
      'test/scheduler/standby.spec.ts',
      'test/cluster/',
      'test/faults/faults',
    ],
  },
  {
    binary: 'postgres',
    debianPackage: 'postgresql',
    folders: postgresFolders,
    suites: ['libs/store/src/postgres/', 'test/postgres/'],
  },
  {
    binary: 'dockerd',
    debianPackage: 'docker.io',
    needsRoot: true,
    suites: ['invoker-agent/test/docker', 'test/docker/'],
  },
  { binary: 'runc', debianPackage: 'runc', needsRoot: true, suites: ['invoker-agent/test/runc', 'test/runc/'] },
  { binary: 'nft', debianPackage: 'nftables', needsRoot: true, suites: ['invoker-agent/test/runc', 'test/runc/'] },
  { binary: 'ip', debianPackage: 'iproute2', needsRoot: true, suites: ['invoker-agent/test/runc', 'test/runc/'] },
  { binary: 'chromium', debianPackage: 'chromium', suites: ['test/workload/report-in-browser.spec.ts'] },
  {
    binary: 'mount',
    debianPackage: 'mount',
    needsRoot: true,
    suites: ['libs/store/src/sqlite/disk-full', 'test/postgres/disk-full'],
  },
  { binary: 'openssl', debianPackage: 'openssl', suites: ['postgres/postgres-tls'] },
  { binary: 'curl', debianPackage: 'curl', suites: ['test/start/start.spec.ts'] },
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const find = ({ binary, folders = () => [] }, { PATH = '' }) =>
  [...PATH.split(delimiter), ...folders()].some((folder) => isExecutable(join(folder, binary)));

function aptGet(words, env) {
  const { status, error } = spawnSync('apt-get', words, {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return error?.message ?? (status === 0 ? undefined : `exit code ${status}`);
}

/** Installs what can be installed; answers the needs that stay unmet, each with a `reason`. */
export function settleNeeds(wanted, { env, isRoot, say }) {
  const forRoot = isRoot ? [] : wanted.filter(({ needsRoot }) => needsRoot);
  const others = wanted.filter((need) => !forRoot.includes(need));
  return [
    ...forRoot.map((need) => ({ ...need, reason: `only root can run ${need.binary}` })),
    ...settle(others, { env, isRoot, say }),
  ];
}

function settle(wanted, { env, isRoot, say }) {
  const missing = wanted.filter((need) => !find(need, env));
  if (missing.length === 0) return [];
  const because = (why) =>
    missing.map((need) => ({ ...need, reason: `${need.binary} is not on the PATH, and ${why}` }));
  if (env.HEARTH_TEST_INSTALL === '0') return because('HEARTH_TEST_INSTALL=0 forbids to install it');
  if (!find({ binary: 'apt-get' }, env)) return because('this is not Debian');
  if (!isRoot) return because(`only root can install ${missing.map(({ debianPackage }) => debianPackage).join(', ')}`);
  const packages = missing.map(({ debianPackage }) => debianPackage);
  say(`installing Debian packages: ${packages.join(', ')} (HEARTH_TEST_INSTALL=0 turns this off)`);
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  // The package lists of an image are often old or absent; only then are they fetched.
  const trouble = aptGet(install, env) && (aptGet(['update'], env) ?? aptGet(install, env));
  return because(`apt-get did not bring it (${trouble ?? 'it installed something else'})`).filter(
    (need) => !find(need, env),
  );
}
