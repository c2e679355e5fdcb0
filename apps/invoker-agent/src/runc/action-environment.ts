// The environment of a container's program: what the contract promises to actions, what our runtimes need, and nothing of the agent's own. Pure.
import { hardening } from '../hardening';
import { socketDirectoryInside, socketName } from './bundle';

export interface RuntimeSurroundings {
  readonly memoryMb: number;
  readonly concurrency: number;
  readonly isForeign: boolean;
  readonly apiHost: string;
}

export function runtimeEnvironment(surroundings: RuntimeSurroundings): Record<string, string> {
  const { memoryMb, concurrency, isForeign, apiHost } = surroundings;
  const forAll = {
    __OW_API_HOST: apiHost,
    ...(concurrency > 1 ? { __OW_ALLOW_CONCURRENT: 'true' } : {}),
  };
  if (isForeign) return forAll;
  return {
    ...forAll,
    HOME: hardening.temporary.path,
    TMPDIR: hardening.temporary.path,
    LANG: 'C.UTF-8',
    __OW_HOST: '0.0.0.0',
    __OW_PORT: String(hardening.serverPort),
    __HEARTH_MEMORY_MB: String(memoryMb),
    __HEARTH_LOG_STAMP: '1',
    __HEARTH_SOCKET: `${socketDirectoryInside}/${socketName}`,
  };
}
