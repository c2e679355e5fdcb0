// Gets the docker driver ready: an engine that answers, kinds whose images are there, a network of its own with the rules that keep containers apart,
// and the public API on its gateway.
import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#clock';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import { hardening } from '../hardening';
import type { Egress } from '../host/egress';
import { nodeNameServers } from '../host/name-servers';
import { nodeNetworks } from '../host/node-networks';
import { ApiForwarder, type Endpoint } from './api-forwarder';
import { type ContainerPlan, labels } from './create-options';
import type { FindFreezer } from './docker-container';
import { DockerDriver } from './docker-driver';
import { Engine, type EngineInfo } from './engine';
import { EngineClient } from './engine-client';
import { EngineFacts } from './engine-facts';
import { Firewall } from './firewall';
import { Images } from './images';
import { type BridgeNetwork, containerAddresses, dropNetwork, ensureNetwork } from './network';

export interface DockerSettings {
  readonly socketPath: string;
  /** By kind, from the manifest. */
  readonly images: ReadonlyMap<string, string>;
  readonly reach: ContainerPlan['reach'];
  /** host:port on which containers are published, for that reach. */
  readonly publishedAddresses: readonly string[];
  readonly subnet: string | undefined;
  readonly egress: Egress;
  readonly allow: readonly string[];
  /** URL. */
  readonly apiHost: string;
  /** The node's own; holds a directory for this driver. */
  readonly nodeDirectory: string;
  readonly nodeId: string;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly findFreezer: FindFreezer;
}

const bridgeRules = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** Rejects with one sentence that says why this machine has no docker driver. Leaves nothing then. */
export async function openDocker(settings: DockerSettings): Promise<DockerDriver> {
  const { limits, logger } = settings;
  const client = new EngineClient(settings.socketPath, limits.engineCallMs);
  const undo: (() => Promise<unknown>)[] = [() => client.close()];
  const dismantle = async (): Promise<void> => {
    while (undo.length > 0) await undo.pop()!();
  };
  try {
    await client.negotiate();
    const engine = new Engine(client);
    const info = await engine.info();
    const images = new Images(engine, settings.images, limits.imagePullMs, logger);
    const { there, missing } = await images.sort();
    for (const [kind, image] of missing)
      logger.warn(`docker: kind ${kind} is not offered, ${image} is not there; run \`npm run images\``);
    if (there.length === 0) throw new Error('the engine has no image of any kind; run `npm run images`');

    const owner = ownerOf(settings);
    const network = await ensureNetwork(engine, owner, settings.subnet, logger);
    // What a former life left may be taken over by the next: it keeps its network and its rules.
    const isEmpty = async (): Promise<boolean> => (await engine.list(`${labels.node}=${owner}`)).length === 0;
    undo.push(async () => (await isEmpty()) && dropNetwork(engine, network.name, logger));
    const { forwarder, apiHost, allowed } = await openApi(settings.apiHost, network, limits);
    if (forwarder) undo.push(() => forwarder.close());
    const firewall = new Firewall(
      {
        bridge: network.bridge,
        chain: `HEARTH-${owner.slice(0, 8)}`,
        egress: settings.egress,
        api: allowed,
        nameServers: nodeNameServers(),
        ownNetworks: nodeNetworks(),
        allow: settings.allow,
      },
      limits.runcCommandTimeoutMs,
    );
    mustFilterBridges();
    undo.push(async () => (await isEmpty()) && firewall.remove());
    await firewall.apply();

    const directory = join(settings.nodeDirectory, 'docker');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new DockerDriver({
      owner,
      engine,
      facts: new EngineFacts(engine, info.DockerRootDir),
      images,
      kinds: there,
      addresses: addressesOf(settings, network),
      reach: settings.reach,
      network: network.name,
      apiHost,
      directory,
      offersSockets: sharesUsers(info),
      findFreezer: settings.findFreezer,
      limits,
      clock: systemClock,
      logger,
      renewIsolation: () => firewall.apply(),
      letGo: async () => {
        await forwarder?.close();
        await client.close();
      },
      dismantle,
    });
  } catch (error) {
    await dismantle().catch((failure: unknown) =>
      logger.warn({ err: failure }, 'docker: not all was taken away again'),
    );
    throw error;
  }
}

/** The same for every life of one agent, and no other's. */
function ownerOf({ nodeDirectory, nodeId }: DockerSettings): string {
  return createHash('sha256')
    .update(`${realpathSync(nodeDirectory)}\0${nodeId}`)
    .digest('hex')
    .slice(0, 12);
}

const addressesOf = ({ reach, publishedAddresses }: DockerSettings, network: BridgeNetwork): readonly string[] =>
  reach === 'published' ? publishedAddresses : containerAddresses(network, hardening.serverPort);

/** Users of a container are the node's: else a directory cannot be given to one. */
const sharesUsers = ({ SecurityOptions = [] }: EngineInfo): boolean =>
  !SecurityOptions.some((option) => /name=(userns|rootless)/.test(option));

/** Else what goes from one container to its neighbour passes no rule. */
function mustFilterBridges(): void {
  if (existsSync(bridgeRules) && readFileSync(bridgeRules, 'utf8').trim() === '1') return;
  throw new Error(`containers could reach each other: ${bridgeRules} is not 1; load br_netfilter and set it`);
}

/** Where containers find the public API: by the gateway if it listens on loopback only, else where it is. */
async function openApi(
  apiHost: string,
  { gateway, subnet }: BridgeNetwork,
  limits: Limits,
): Promise<{ forwarder?: ApiForwarder; apiHost: string; allowed: Endpoint[] }> {
  const url = new URL(apiHost);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const found = await lookup(url.hostname, { all: true, family: 4 });
  if (!found.some(({ address }) => address.startsWith('127.'))) {
    return { apiHost, allowed: found.map(({ address }) => ({ host: address, port })) };
  }
  const forwarder = await ApiForwarder.start(
    { host: gateway, port },
    { host: found[0]!.address, port },
    subnet,
    limits,
  );
  return { forwarder, apiHost: `${url.protocol}//${gateway}:${port}`, allowed: [{ host: gateway, port }] };
}
