// Which connections containers may open, as text for iptables-restore. Pure.
//
// From the containers' bridge: to the API host and port, and, as far as egress allows, to the outside. Never to this node itself (agent,
// scheduler, controllers, Redis, PostgreSQL, whatever else listens), never to a network that this node or its neighbours are on, never to each
// other. Answers to those who called a container pass.
import { type Egress, privateNetworks } from '../host/egress';

export interface Isolation {
  /** Name of the bridge's interface, of at most 15 characters. */
  readonly bridge: string;
  /** At most 28 characters, as iptables takes it. */
  readonly chain: string;
  readonly egress: Egress;
  /** Where the public API is, as containers see it. */
  readonly api: readonly { readonly host: string; readonly port: number }[];
  /** Name servers of the node: asked on behalf of containers, unless there is no egress. */
  readonly nameServers: readonly string[];
  /** Subnets that this node is on. */
  readonly ownNetworks: readonly string[];
  /** What an operator opens: address, subnet, either with :port. */
  readonly allow: readonly string[];
}

export function isolationRules(isolation: Isolation): string {
  const { chain, egress, api, nameServers, ownNetworks, allow } = isolation;
  const passes = [
    '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    ...api.map(({ host, port }) => `-d ${host} -p tcp --dport ${port} -j RETURN`),
    ...allow.map((target) => `${destination(target)} -j RETURN`),
  ];
  // What is for this node comes first: its public address is not the outside.
  const own = ['-m addrtype --dst-type LOCAL -j REJECT'];
  const names = nameServers.flatMap((server) =>
    ['udp', 'tcp'].map((protocol) => `-d ${server} -p ${protocol} --dport 53 -j RETURN`),
  );
  const outside =
    egress === 'none'
      ? ['-j REJECT']
      : egress === 'all'
        ? names
        : [...names, ...[...privateNetworks, ...ownNetworks].map((network) => `-d ${network} -j REJECT`)];
  const sameBridge = [`-o ${isolation.bridge} -j REJECT`];
  return [
    '*filter',
    `:${chain} - [0:0]`,
    `:${inputChain(chain)} - [0:0]`,
    ...[...passes, ...own, ...sameBridge, ...outside].map((rule) => `-A ${chain} ${rule}`),
    ...passes.map((rule) => `-A ${inputChain(chain)} ${rule.replace('-j RETURN', '-j ACCEPT')}`),
    `-A ${inputChain(chain)} -j REJECT`,
    'COMMIT',
    '',
  ].join('\n');
}

export const inputChain = (chain: string): string => `${chain}-IN`;

/** `10.0.0.0/8`, `10.0.0.5:5432` */
export const allowPattern = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?(:\d{1,5})?$/;

function destination(target: string): string {
  const [network, port] = target.split(':');
  return port === undefined ? `-d ${network}` : `-d ${network} -p tcp --dport ${port}`;
}
