// Which of a container's addresses this controller uses: its Unix socket where the path is on this host too, which costs a third of what
// loopback TCP does per run; else the container's own port, else the one that its node publishes, else a tunnel through its agent.
import type { shareStates as wire } from '#protocol';

export interface ReachableAddress {
  /** host:port, or the path of a Unix socket; empty when nothing is offered. */
  readonly address: string;
  readonly isTunnelled: boolean;
}

/** `isHere` says whether a socket's path exists on this host: one that is named after a container's id, which is unique, is the container's. */
export function reachableAddress(
  addresses: wire.Addresses | undefined,
  isHere: (path: string) => boolean,
): ReachableAddress {
  const { unixSocket = '', container = '', published = '', proxy = '' } = addresses ?? {};
  const direct = unixSocket !== '' && isHere(unixSocket) ? unixSocket : container || published;
  return { address: direct || proxy, isTunnelled: direct === '' && proxy !== '' };
}
