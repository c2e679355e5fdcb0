// The OCI configuration of a container: what `hardening` says, in runc's words. Pure.
import { hardening, seccomp } from '../hardening';
import type { ImageConfig } from './images/image-source';

export interface BundleParts {
  readonly name: string;
  readonly image: ImageConfig;
  /** On this machine. */
  readonly root: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined: a foreign image, which keeps its own user and may write to its root. */
  readonly runtime: { readonly socketDirectory: string } | undefined;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly namespacePath: string;
  readonly cgroup: string;
  readonly resolvConf: string;
  readonly hosts: string;
  /** A container with one waits before its program starts until somebody opens this fifo for writing. */
  readonly gate: string | undefined;
}

/** Where our runtimes find the directory for their Unix socket. */
export const socketDirectoryInside = '/run/hearth';
export const socketName = 'run.sock';

const hostCat = '/bin/cat';

export function bundleConfig(parts: BundleParts): object {
  const { name, image, root, memoryMb, environment, runtime, user, namespacePath, cgroup, gate } = parts;
  const memoryBytes = hardening.memoryBytes(memoryMb);
  const capabilities = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];
  const limit = (type: string, most: number): object => ({ type, soft: most, hard: most });
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: user.uid, gid: user.gid },
      args: runtime ? withMemoryFlag(image.command, memoryMb) : image.command,
      env: environmentOf(image, environment),
      cwd: image.workingDirectory,
      capabilities: Object.fromEntries(capabilities.map((set) => [set, hardening.capabilities])),
      noNewPrivileges: hardening.noNewPrivileges,
      rlimits: [limit('RLIMIT_NOFILE', hardening.openFilesMax), limit('RLIMIT_CORE', hardening.coreFileBytes)],
      // The kernel, when it is short of memory itself, ends actions before anything of the platform.
      oomScoreAdj: 500,
    },
    root: { path: root, readonly: runtime !== undefined },
    hostname: name,
    mounts: mountsOf(parts),
    ...(gate === undefined ? {} : { hooks: { createRuntime: [{ path: hostCat, args: ['cat', gate] }] } }),
    linux: {
      cgroupsPath: cgroup,
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
        { type: 'network', path: namespacePath },
      ],
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: memoryBytes, swap: memoryBytes },
        pids: { limit: hardening.pidsMax },
        cpu: { shares: hardening.cpuShares(memoryMb) },
      },
      maskedPaths: hardening.maskedPaths,
      readonlyPaths: hardening.readonlyPaths,
      seccomp,
    },
  };
}

function mountsOf({ runtime, resolvConf, hosts }: BundleParts): object[] {
  const { path, sizeMb, inodesMax, options } = hardening.temporary;
  const bind = (destination: string, source: string, access: 'ro' | 'rw'): object => ({
    destination,
    type: 'bind',
    source,
    options: ['bind', access, 'nosuid', 'nodev', 'noexec'],
  });
  const tmpfs = (destination: string, ...words: string[]): object => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: words,
  });
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    tmpfs('/dev', 'nosuid', 'noexec', 'strictatime', 'mode=755', 'size=64k'),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    tmpfs('/dev/shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', `size=${hardening.sharedMemoryMb}m`),
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    tmpfs(path, ...options, `size=${sizeMb}m`, `nr_inodes=${inodesMax}`),
    bind('/etc/resolv.conf', resolvConf, 'ro'),
    bind('/etc/hosts', hosts, 'ro'),
    ...(runtime ? [bind(socketDirectoryInside, runtime.socketDirectory, 'rw')] : []),
  ];
}

/** Node takes its heap's limit from its command line only; it would otherwise guess one that is half of what the action has. */
function withMemoryFlag(command: readonly string[], memoryMb: number): readonly string[] {
  const [program = '', ...rest] = command;
  const isNode = /(^|\/)node(js)?$/.test(program);
  return isNode ? [program, `--max-old-space-size=${memoryMb}`, ...rest] : command;
}

/** What the agent says wins over what the image says. */
function environmentOf({ env }: ImageConfig, environment: Readonly<Record<string, string>>): string[] {
  const own = env.filter((line) => !(line.slice(0, line.indexOf('=')) in environment));
  const hasPath = own.some((line) => line.startsWith('PATH='));
  const path = hasPath ? [] : ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  return [...path, ...own, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
}
