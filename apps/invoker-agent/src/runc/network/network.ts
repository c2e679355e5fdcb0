// The containers' network on this machine: one bridge, whose ports cannot speak to each other, rules that say what may be reached, and a network
// namespace for each container with one leg on the bridge.
import { lookup } from 'node:dns/promises';
import { readdirSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandFailed, run } from '../../host/command';
import type { Egress } from '../../host/egress';
import { nodeNameServers } from '../../host/name-servers';
import { overlaps } from '../../host/subnets';
import type { Names } from '../names';
import { type ApiTarget, firewallRules } from './firewall';
import { macOf, type Subnet } from './subnet';

export interface NetworkSettings {
  readonly subnet: Subnet;
  /** As the agent reaches it. */
  readonly apiHost: string;
  /** Undefined: the host's, without those on loopback. */
  readonly nameServers: readonly string[] | undefined;
  readonly egress: Egress;
  /** What can be reached in spite of it: addresses or networks, each with an optional `:port`. */
  readonly allow: readonly string[];
  readonly timeoutMs: number;
}

const routeList = z.array(z.object({ dst: z.string(), dev: z.string().optional(), type: z.string().optional() }));
type Route = z.infer<typeof routeList>[number];
const linkList = z.array(z.object({ ifname: z.string() }));

export class Network {
  /** What containers are told of the API. */
  apiHost = '';
  nameServers: readonly string[] = [];

  constructor(
    private readonly names: Names,
    private readonly settings: NetworkSettings,
  ) {}

  /** Makes bridge and rules, or brings them to what they should be. Rejects with a sentence for the operator. */
  async open(): Promise<void> {
    const { bridge, table } = this.names;
    const { subnet, egress, allow } = this.settings;
    await this.refuseOverlap();
    const api = await apiTarget(this.settings.apiHost);
    this.apiHost = api.isLoopback ? `http://${subnet.gateway}:${api.port}` : this.settings.apiHost;
    this.nameServers = this.settings.nameServers ?? nodeNameServers();
    // The rules first: a bridge without them would be open.
    const rules = { table, bridge, cidr: subnet.cidr, gateway: subnet.gateway, api, egress, allow };
    await this.command('nft', ['-f', '-'], firewallRules({ ...rules, nameServers: this.nameServers }));
    if (!(await this.devices()).includes(bridge)) await this.ip('link', 'add', bridge, 'type', 'bridge');
    // A bridge without an address of its own takes the lowest of its ports', so each namespace that is made might change it. Containers would then
    // answer to one that is nobody's any more, for half a minute: until they ask anew who their gateway is.
    await this.ip('link', 'set', bridge, 'address', macOf(subnet.gateway));
    await this.ip('address', 'replace', `${subnet.gateway}/${subnet.prefix}`, 'dev', bridge, 'noprefixroute');
    await this.ip('link', 'set', bridge, 'up');
    // Only containers that are there have a route: who calls one that is gone learns it at once, and not after seconds.
    await this.ip('route', 'replace', 'unreachable', subnet.cidr);
    // Without it the kernel takes nothing for 127.0.0.1 from a bridge; the rules let through what goes to the API.
    if (api.isLoopback) writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
    if (egress !== 'none' || allow.length > 0 || !api.isLoopback) writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  }

  /** A namespace that is on the bridge and has no address yet. */
  async makeNamespace(number: number): Promise<string> {
    const namespace = `${this.names.namespacePrefix}${number}`;
    const device = this.deviceOf(namespace);
    await this.ip('netns', 'add', namespace);
    try {
      await this.batch([
        `link add ${device} type veth peer name eth0 netns ${namespace}`,
        `link set ${device} master ${this.names.bridge}`,
        `link set ${device} type bridge_slave isolated on`,
        `link set ${device} up`,
      ]);
      await this.batch(['link set lo up', 'link set eth0 up'], namespace);
      return namespace;
    } catch (error) {
      await this.removeNamespace(namespace);
      throw error;
    }
  }

  async assign(namespace: string, address: string): Promise<void> {
    const { gateway, prefix } = this.settings.subnet;
    await Promise.all([
      this.batch(
        [
          `link set eth0 address ${macOf(address)}`,
          `address add ${address}/${prefix} dev eth0`,
          `route add default via ${gateway}`,
        ],
        namespace,
      ),
      this.ip('route', 'replace', address, 'dev', this.names.bridge),
    ]);
  }

  /** Also of one that is half made, or half removed. The device is removed by name, since the kernel would let it go only later. */
  async removeNamespace(namespace: string, address?: string): Promise<void> {
    const route = address === undefined ? [] : [`route delete ${address} dev ${this.names.bridge}`];
    const lines = [...route, `link delete ${this.deviceOf(namespace)}`, `netns delete ${namespace}`];
    await this.ip('-force', '-batch', '-', lines.join('\n')).catch((error: unknown) => {
      if (!(error instanceof CommandFailed) || error.isMissing) throw error;
    });
    if (this.namespaces().includes(namespace)) await this.ip('netns', 'delete', namespace);
  }

  /** Of this driver, from whatever life. */
  namespaces(): string[] {
    return entriesOf('/run/netns').filter((name) => name.startsWith(this.names.namespacePrefix));
  }

  /** Removes the devices of this driver whose namespace is none of these. */
  async removeDevicesBut(namespaces: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...namespaces].map((namespace) => this.deviceOf(namespace)));
    for (const device of await this.devices())
      if (device.startsWith(this.names.devicePrefix) && !kept.has(device)) await this.ip('link', 'delete', device);
  }

  /** Removes routes to containers but to these. */
  async removeRoutesBut(addresses: ReadonlySet<string>): Promise<void> {
    const { bridge } = this.names;
    const routes = routeList.parse(JSON.parse(await this.ip('-json', 'route', 'show', 'dev', bridge)));
    for (const { dst } of routes) if (!addresses.has(dst)) await this.ip('route', 'delete', dst, 'dev', bridge);
  }

  async close(): Promise<void> {
    const { bridge, table } = this.names;
    if ((await this.devices()).includes(bridge)) await this.ip('link', 'delete', bridge);
    await this.ip('-force', 'route', 'flush', 'type', 'unreachable', 'exact', this.settings.subnet.cidr);
    await this.command('nft', ['-f', '-'], `table inet ${table}\ndelete table inet ${table}\n`);
  }

  private async devices(): Promise<string[]> {
    return linkList.parse(JSON.parse(await this.ip('-json', 'link', 'show'))).map(({ ifname }) => ifname);
  }

  private async refuseOverlap(): Promise<void> {
    const { cidr } = this.settings.subnet;
    const routes = routeList.parse(JSON.parse(await this.ip('-json', 'route', 'show')));
    const isOurs = ({ dst, dev, type }: Route): boolean =>
      dev === this.names.bridge || (type === 'unreachable' && dst === cidr);
    const other = routes.find((route) => route.dst !== 'default' && !isOurs(route) && overlaps(route.dst, cidr));
    if (other)
      throw new Error(
        `the containers' network ${cidr} overlaps with ${other.dst} of ${other.dev ?? 'another route'}; choose another with CONTAINER_SUBNET.`,
      );
  }

  private deviceOf(namespace: string): string {
    return `${this.names.devicePrefix}${Number(namespace.slice(this.names.namespacePrefix.length)).toString(36)}`;
  }

  private batch(lines: readonly string[], namespace?: string): Promise<string> {
    const where = namespace === undefined ? [] : ['-netns', namespace];
    return this.command('ip', [...where, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** A last word of several lines is standard input. */
  private ip(...words: string[]): Promise<string> {
    const input = words.at(-1)?.includes('\n') ? words.pop() : undefined;
    return this.command('ip', words, input);
  }

  private command(program: string, words: readonly string[], input?: string): Promise<string> {
    const { timeoutMs } = this.settings;
    return run(program, words, { timeoutMs, ...(input === undefined ? {} : { input }) });
  }
}

async function apiTarget(apiHost: string): Promise<ApiTarget> {
  const url = new URL(apiHost);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const found = await lookup(url.hostname, { all: true, family: 4 });
  const addresses = found.map(({ address }) => address);
  return { isLoopback: addresses.every((address) => address.startsWith('127.')), addresses, port };
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
