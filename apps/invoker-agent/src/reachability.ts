// Which of a container's addresses the agent tells the scheduler, and so the controllers. Pure.
//
// `container`: its own; for one host, or where containers' addresses are routed. `published`: a port of the node. These two are the driver's to
// offer. `proxy`: the agent itself, which tunnels (tunnels.ts); one port of a node is then all that controllers must reach.
// A Unix socket is always told: a controller on this host finds it there, others do not.
import type { ContainerAddresses } from '#protocol';

export const reachabilities = ['container', 'published', 'proxy'] as const;
export type Reachability = (typeof reachabilities)[number];

/** `agentUrl` is where others reach this agent. */
export function offeredAddresses(
  addresses: ContainerAddresses,
  reachability: Reachability,
  agentUrl: string,
): ContainerAddresses {
  if (reachability !== 'proxy') return addresses;
  const { hostname, port, protocol } = new URL(agentUrl);
  const { unixSocket } = addresses;
  return {
    proxy: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`,
    ...(unixSocket === undefined ? {} : { unixSocket }),
  };
}
