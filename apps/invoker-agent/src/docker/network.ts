// The bridge network of this node's containers: found again by a later life of the agent, or made in a subnet that nothing here uses.
//
// Small on purpose: a Linux bridge takes 1,024 devices, so a /22 is all that it can serve.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import type { Engine, EngineNetwork } from './engine';
import { labels } from './create-options';
import { EngineError } from './engine-client';
import { nodeNetworks, routedNetworks } from '../host/node-networks';
import { addressesIn, isWithin, overlaps } from '../host/subnets';

export interface BridgeNetwork {
  readonly name: string;
  readonly bridge: string;
  readonly subnet: string;
  readonly gateway: string;
}

const subnetsTried = 64;
const removalsTried = 10;
const removalPauseMs = 300;

export async function ensureNetwork(
  engine: Engine,
  owner: string,
  wanted: string | undefined,
  logger: Logger,
): Promise<BridgeNetwork> {
  const name = `hearth-${owner}`;
  const bridge = `hth-${owner.slice(0, 8)}`;
  const found = await engine.network(name);
  if (found) {
    const network = toBridge(found);
    if (network && (wanted === undefined || network.subnet === wanted)) return network;
    // It holds no container that could go on: another subnet was asked for, or it is not as we make it.
    await dropNetwork(engine, name, logger);
  }
  const busy = nodeNetworks();
  // A wider one, as of a private network behind a gateway, gives way to ours; what is as narrow would take the packets of containers.
  const routed = routedNetworks();
  let last: Error | undefined;
  for (const subnet of wanted === undefined ? candidates(owner) : [wanted]) {
    if (busy.some((other) => overlaps(other, subnet)) || routed.some((other) => isWithin(other, subnet))) {
      last = new Error(`${subnet} overlaps a network that this node is on or has a route to`);
      continue;
    }
    try {
      await engine.createNetwork(networkOptions(name, owner, bridge, subnet));
      return { name, bridge, subnet, gateway: gatewayOf(subnet) };
    } catch (error) {
      if (!(error instanceof EngineError) || !/overlap/i.test(error.message)) throw error;
      last = error;
    }
  }
  throw new Error(`no subnet for containers is free (${last?.message ?? 'none was tried'}); set CONTAINER_SUBNET`);
}

/**
 * For a network in which no container is left. An engine may still hold endpoints of containers that it has removed, for a moment or, after a start
 * that failed half way, for good; they are taken away.
 */
export async function dropNetwork(engine: Engine, name: string, logger: Logger): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await engine.removeNetwork(name);
    } catch (error) {
      const isHeld = error instanceof EngineError && /active endpoints/.test(error.message);
      if (!isHeld || attempt === removalsTried) throw error;
    }
    const endpoints = Object.values((await engine.network(name))?.Containers ?? {}).map(({ Name }) => Name);
    logger.info(`docker: ${name} is not removed yet (the engine holds ${endpoints.join(', ') || 'an endpoint'})`);
    for (const endpoint of endpoints) await engine.disconnect(name, endpoint);
    await sleep(removalPauseMs);
  }
}

function networkOptions(name: string, owner: string, bridge: string, subnet: string): object {
  return {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    EnableIPv6: false,
    IPAM: { Config: [{ Subnet: subnet, Gateway: gatewayOf(subnet) }] },
    Options: {
      'com.docker.network.bridge.name': bridge,
      'com.docker.network.bridge.enable_icc': 'false',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
    },
    Labels: { [labels.node]: owner },
  };
}

function toBridge({ Name, Options, IPAM }: EngineNetwork): BridgeNetwork | undefined {
  const bridge = Options['com.docker.network.bridge.name'];
  const isApart = Options['com.docker.network.bridge.enable_icc'] === 'false';
  const subnet = IPAM.Config[0]?.Subnet;
  if (bridge === undefined || subnet === undefined || !isApart) return undefined;
  return { name: Name, bridge, subnet, gateway: gatewayOf(subnet) };
}

const gatewayOf = (subnet: string): string => addressesIn(subnet)[0]!;

/** /22 networks of 10.189.0.0/16, each agent's own first, so that several on one host do not run after each other. */
function candidates(owner: string): string[] {
  const first = createHash('sha256').update(owner).digest()[0]! % subnetsTried;
  return Array.from({ length: subnetsTried }, (_, at) => `10.189.${((first + at) % subnetsTried) * 4}.0/22`);
}

/** Where containers can be: all but the gateway. */
export const containerAddresses = ({ subnet }: BridgeNetwork, port: number): string[] =>
  addressesIn(subnet)
    .slice(1)
    .map((host) => `${host}:${port}`);
