// What containers may reach, as nftables rules. Pure: text out.
//
// Guarantees: of this host a container reaches the API and nothing else, neither by IPv4 nor by IPv6; no other container; of other hosts the API,
// what was allowed, and, unless that is turned off, the name servers and public addresses. Nothing outside reaches a container. The table
// is replaced in one transaction, so there is no moment without rules.
import { type Egress, privateNetworks } from '../../host/egress';

export interface FirewallPlan {
  readonly table: string;
  readonly bridge: string;
  readonly cidr: string;
  readonly gateway: string;
  readonly api: ApiTarget;
  readonly nameServers: readonly string[];
  readonly egress: Egress;
  /** What can be reached in spite of it: addresses or networks, each with an optional `:port`. */
  readonly allow: readonly string[];
}

export interface ApiTarget {
  /** On loopback of this host: containers find it at the gateway. */
  readonly isLoopback: boolean;
  readonly addresses: readonly string[];
  readonly port: number;
}

export function firewallRules(plan: FirewallPlan): string {
  const { table, bridge, cidr, gateway, api, nameServers, egress, allow } = plan;
  const set = (entries: readonly string[]): string => `{ ${entries.join(', ')} }`;
  const toApi = api.isLoopback ? [] : [`ip daddr ${set(api.addresses)} tcp dport ${api.port} accept`];
  const toNames =
    nameServers.length === 0 || egress === 'none'
      ? []
      : [`ip daddr ${set(nameServers)} meta l4proto { tcp, udp } th dport 53 accept`];
  const toAllowed = allow.map((entry) => {
    const [network, port] = entry.split(':');
    return port === undefined ? `ip daddr ${network} accept` : `ip daddr ${network} tcp dport ${port} accept`;
  });
  const toOutside = {
    none: [],
    internet: [`ip daddr != ${set(privateNetworks)} accept`],
    all: ['meta nfproto ipv4 accept'],
  };
  const fromLoopback = api.isLoopback
    ? [`ct status dnat ip daddr 127.0.0.1 tcp dport ${api.port} accept`]
    : [`ip daddr ${set(api.addresses)} tcp dport ${api.port} accept`];
  const redirect = api.isLoopback
    ? [
        chain('prerouting', 'type nat hook prerouting priority dstnat; policy accept;', [
          `iifname "${bridge}" ip daddr ${gateway} tcp dport ${api.port} dnat ip to 127.0.0.1:${api.port}`,
        ]),
      ]
    : [];
  return [
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    chain('input', 'type filter hook input priority -10; policy accept;', [
      `iifname != "${bridge}" accept`,
      'ct state established,related accept',
      ...fromLoopback,
      'drop',
    ]),
    chain('forward', 'type filter hook forward priority -10; policy accept;', [
      `oifname "${bridge}" ct state established,related accept`,
      `oifname "${bridge}" drop`,
      `iifname != "${bridge}" accept`,
      ...toApi,
      ...toNames,
      ...toAllowed,
      ...toOutside[egress],
      'drop',
    ]),
    ...redirect,
    chain('postrouting', 'type nat hook postrouting priority srcnat; policy accept;', [
      `ip saddr ${cidr} oifname != "${bridge}" masquerade`,
    ]),
    '}',
    '',
  ].join('\n');
}

const chain = (name: string, hook: string, rules: readonly string[]): string =>
  [`  chain ${name} {`, ...[hook, ...rules].map((rule) => `    ${rule}`), '  }'].join('\n');
