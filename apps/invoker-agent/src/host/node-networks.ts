// The IPv4 networks that this node is on or has a route to, so that containers get another one.
//
// Guarantee: also those of devices that are down or have no carrier, as a bridge is while no container is on it. Node's networkInterfaces() names
// only devices that run; the kernel's table of routes has the others. An address without a route of its own is only in the former.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { addressText } from './subnets';

export interface NodeNetwork {
  /** `10.189.232.0/22` */
  readonly cidr: string;
  /** On the device itself, not behind a gateway. */
  readonly isDirect: boolean;
}

export function nodeNetworks(routes = readFileSync('/proc/net/route', 'utf8')): NodeNetwork[] {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => (found?.family === 'IPv4' && found.cidr ? [{ cidr: found.cidr, isDirect: true }] : []));
  return [...addresses, ...parseRoutes(routes)];
}

/** Of /proc/net/route, without the default route. Numbers there are in the byte order of the machine, which is little-endian wherever Node runs. */
export function parseRoutes(text: string): NodeNetwork[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, gateway, , , , , mask] = line.split('\t');
      if (destination === undefined || mask === undefined || /^0+$/.test(mask)) return [];
      const bits = numberOf(mask).toString(2).replaceAll('0', '').length;
      return [{ cidr: `${addressText(numberOf(destination))}/${bits}`, isDirect: /^0+$/.test(gateway ?? '') }];
    });
}

const numberOf = (hex: string): number => Buffer.from(hex.trim(), 'hex').readUInt32LE();
