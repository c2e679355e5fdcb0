// The addresses that containers of a node have: all of a private IPv4 network but its first (the bridge's, their gateway) and its last. Pure.
import { createHash } from 'node:crypto';

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

const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');

interface Range {
  readonly first: number;
  readonly prefix: number;
}

function rangeOf(cidr: string): Range {
  const [ip = '', prefix = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(prefix));
  const number = toNumber(ip);
  return { first: number - (number % size), prefix: Number(prefix) };
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  const size = ({ prefix }: Range): number => 2 ** (32 - prefix);
  return a.first < b.first + size(b) && b.first < a.first + size(a);
}

/** Throws for one that is larger than any node can fill. */
export function subnetOf(cidr: string): Subnet {
  const { first, prefix } = rangeOf(cidr);
  if (prefix < 16) throw new Error(`CONTAINER_SUBNET is ${cidr}: with runc it has at least 16 bits, e.g. 10.77.0.0/20`);
  const count = 2 ** (32 - prefix);
  return {
    cidr: `${toText(first)}/${prefix}`,
    prefix,
    gateway: toText(first + 1),
    hosts: Array.from({ length: count - 3 }, (_, at) => toText(first + 2 + at)),
  };
}

/** Nodes are spread by their directories over 10.64.0.0 to 10.127.255.255, so that several agents of one host seldom meet. */
export function defaultSubnet(nodeDirectory: string): string {
  const number = createHash('sha256').update(nodeDirectory).digest().readUInt32BE();
  const ranges = 2 ** (defaultPrefix - 10);
  const first = toNumber('10.64.0.0') + (number % ranges) * 2 ** (32 - defaultPrefix);
  return `${toText(first)}/${defaultPrefix}`;
}
