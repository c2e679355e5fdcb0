// The addresses that containers of a node have: all of a private IPv4 network but its first (the bridge's, their gateway) and its last. Pure.
import { createHash } from 'node:crypto';
import { addressesIn, addressText, parseSubnet } from '../../host/subnets';

/** 4,093 containers. */
const defaultPrefix = 20;

export interface Subnet {
  /** `10.1.16.0/20` */
  readonly cidr: string;
  readonly prefix: number;
  readonly gateway: string;
  /** Of containers. */
  readonly hosts: readonly string[];
}

/** Throws for one that is larger than any node can fill. */
export function subnetOf(cidr: string): Subnet {
  const subnet = parseSubnet(cidr);
  if (!subnet) throw new Error(`CONTAINER_SUBNET is ${cidr}: it is no IPv4 network, as 10.77.0.0/20 is`);
  const { first, bits: prefix } = subnet;
  if (prefix < 16) throw new Error(`CONTAINER_SUBNET is ${cidr}: with runc it has at least 16 bits, e.g. 10.77.0.0/20`);
  return {
    cidr: `${addressText(first)}/${prefix}`,
    prefix,
    gateway: addressText(first + 1),
    hosts: addressesIn(cidr).slice(1),
  };
}

/**
 * The hardware address of a container: one for each IPv4 address, so that the next container there is found at once. What the host remembers of
 * the one before would otherwise lead it astray for a second and more.
 */
export function macOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '68', ...bytes].join(':');
}

/** Nodes are spread by their directories over 10.64.0.0 to 10.127.255.255, so that several agents of one host seldom meet. */
export function defaultSubnet(nodeDirectory: string): string {
  const number = createHash('sha256').update(nodeDirectory).digest().readUInt32BE();
  const ranges = 2 ** (defaultPrefix - 10);
  const first = parseSubnet('10.64.0.0')!.first + (number % ranges) * 2 ** (32 - defaultPrefix);
  return `${addressText(first)}/${defaultPrefix}`;
}
