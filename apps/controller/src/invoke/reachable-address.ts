// Which of a container's addresses this controller uses: its Unix socket where the path is on this host too, which costs a third of what
// loopback TCP does per run; else the container's own port, else the one that its node publishes.
import type { shareStates as wire } from '#protocol';

/** `isHere` says whether a socket's path exists on this host: one that is shared by container ids, which are unique, is the container's. */
export function reachableAddress(addresses: wire.Addresses | undefined, isHere: (path: string) => boolean): string {
  if (!addresses) return '';
  const { unixSocket, container, published } = addresses;
  return unixSocket !== '' && isHere(unixSocket) ? unixSocket : container || published;
}
