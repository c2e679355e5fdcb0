// The environment of a container's process: what the contract promises to actions, what our runtimes need, and nothing of the agent's own.
// No secret can leak by inheritance, and no setting of the agent (NODE_OPTIONS, NODE_EXTRA_CA_CERTS) slows a start down.
import type { ContainerSpec } from '../container-driver';
import type { ContainerDirectory } from './container-directory';

export interface ActionSurroundings {
  readonly path: string;
  readonly apiHost: string;
}

export function actionEnvironment(
  { path, apiHost }: ActionSurroundings,
  { memoryMb, concurrency }: ContainerSpec,
  directory: ContainerDirectory,
  host: string,
  port: number,
  socket: string | undefined,
): Record<string, string> {
  return {
    PATH: path,
    HOME: directory.home,
    TMPDIR: directory.temporary,
    LANG: 'C.UTF-8',
    __OW_API_HOST: apiHost,
    ...(concurrency > 1 ? { __OW_ALLOW_CONCURRENT: 'true' } : {}),
    __OW_HOST: host,
    __OW_PORT: String(port),
    __HEARTH_MEMORY_MB: String(memoryMb),
    __HEARTH_LOG_STAMP: '1',
    __HEARTH_EXIT_WITH_STDIN: '1',
    ...(socket === undefined ? {} : { __HEARTH_SOCKET: socket }),
  };
}
