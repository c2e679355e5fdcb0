// What the engine is asked to make: pure translation of a container's needs, the hardening table and the network into its words.
import type { ContainerSpec } from '../container-driver';
import { hardening } from '../hardening';

/** Labels by which a later life of the agent finds its containers again. */
export const labels = {
  node: 'hearth.node',
  container: 'hearth.container',
  address: 'hearth.address',
  socket: 'hearth.socket',
};

export interface ContainerPlan {
  /** Which agent's: all that it makes carries this. */
  readonly owner: string;
  readonly image: string;
  /** Ours: hardened in full, and told what only our runtimes understand. */
  readonly isOurs: boolean;
  /** What the image runs. */
  readonly command: readonly string[];
  readonly network: string;
  readonly reach: 'container' | 'published';
  /** What actions see as __OW_API_HOST. */
  readonly apiHost: string;
  /** Directory on the node for its Unix socket, if it gets one. */
  readonly socketDirectory?: string | undefined;
  readonly log: { readonly fileBytes: number; readonly filesCount: number };
  /** The engine can limit what a foreign image writes, to this. */
  readonly writableMb?: number | undefined;
}

export const socketMount = '/run/hearth';
export const socketName = 'run.sock';

export function createOptions(spec: ContainerSpec, plan: ContainerPlan): object {
  const { temporary, serverPort, openFilesMax } = hardening;
  const { host, port } = splitAddress(spec.address);
  const memory = hardening.memoryBytes(spec.memoryMb);
  const exposed = `${serverPort}/tcp`;
  const isPublished = plan.reach === 'published';
  return {
    Image: plan.image,
    Hostname: spec.id.slice(0, 63),
    // A foreign image's own user stays, since its files belong to it; it has no capability either.
    ...(plan.isOurs ? { User: `${hardening.uid}:${hardening.gid}` } : {}),
    ...(plan.isOurs ? { Cmd: withHeapLimit(plan.command, spec.memoryMb) } : {}),
    Env: environment(spec, plan),
    Labels: {
      [labels.node]: plan.owner,
      [labels.container]: spec.id,
      [labels.address]: spec.address,
      ...(plan.socketDirectory === undefined ? {} : { [labels.socket]: plan.socketDirectory }),
    },
    AttachStdout: false,
    AttachStderr: false,
    NetworkDisabled: false,
    ...(isPublished ? { ExposedPorts: { [exposed]: {} } } : {}),
    HostConfig: {
      NetworkMode: plan.network,
      ...(isPublished ? { PortBindings: { [exposed]: [{ HostIp: host, HostPort: String(port) }] } } : {}),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: plan.isOurs && hardening.readonlyRoot,
      Tmpfs: {
        [temporary.path]: [...temporary.options, `size=${temporary.sizeMb}m`, `nr_inodes=${temporary.inodesMax}`].join(
          ',',
        ),
      },
      ShmSize: hardening.sharedMemoryMb * 1_048_576,
      Memory: memory,
      MemorySwap: memory,
      CpuShares: hardening.cpuShares(spec.memoryMb),
      PidsLimit: hardening.pidsMax,
      Ulimits: [
        { Name: 'nofile', Soft: openFilesMax, Hard: openFilesMax },
        { Name: 'core', Soft: hardening.coreFileBytes, Hard: hardening.coreFileBytes },
      ],
      ...(plan.writableMb !== undefined && !plan.isOurs ? { StorageOpt: { size: `${plan.writableMb}m` } } : {}),
      ...(plan.socketDirectory === undefined
        ? {}
        : { Mounts: [{ Type: 'bind', Source: plan.socketDirectory, Target: socketMount }] }),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': `${plan.log.fileBytes}`, 'max-file': `${plan.log.filesCount}`, compress: 'false' },
      },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
    ...(isPublished
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [plan.network]: { IPAMConfig: { IPv4Address: host } } } } }),
  };
}

/** Node would choose a heap of its own liking, whatever the container may have. */
const withHeapLimit = ([program = '', ...words]: readonly string[], memoryMb: number): string[] =>
  program.endsWith('/node') ? [program, `--max-old-space-size=${memoryMb}`, ...words] : [program, ...words];

function environment({ memoryMb, concurrency }: ContainerSpec, plan: ContainerPlan): string[] {
  return [
    `__OW_API_HOST=${plan.apiHost}`,
    ...(concurrency > 1 ? ['__OW_ALLOW_CONCURRENT=true'] : []),
    ...(plan.isOurs
      ? [
          `HOME=${hardening.temporary.path}`,
          `TMPDIR=${hardening.temporary.path}`,
          'LANG=C.UTF-8',
          `__HEARTH_MEMORY_MB=${memoryMb}`,
          '__HEARTH_LOG_STAMP=1',
          ...(plan.socketDirectory === undefined ? [] : [`__HEARTH_SOCKET=${socketMount}/${socketName}`]),
        ]
      : []),
  ];
}

export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}
