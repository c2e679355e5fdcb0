// The IPv4 networks of this node, so that containers get another one and reach none of them.
//
// Guarantee: routes are also those of devices that are down or have no carrier, as a bridge is while no container is on it; Node's
// networkInterfaces() names only devices that run.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { addressText } from './subnets';

/** Subnets in which a device that runs has an address, as `10.189.232.1/22`. */
export function nodeNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => (found?.family === 'IPv4' && found.cidr ? [found.cidr] : []));
}

/** Networks that this node has a route to, as `10.189.232.0/22`. */
export const routedNetworks = (): string[] => parseRoutes(readFileSync('/proc/net/route', 'utf8'));

/** Of /proc/net/route, without the default route. Numbers there are in the byte order of the machine, which is little-endian wherever Node runs. */
export function parseRoutes(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.split('\t');
      if (destination === undefined || mask === undefined || /^0+$/.test(mask)) return [];
      const bits = numberOf(mask).toString(2).replaceAll('0', '').length;
      return [`${addressText(numberOf(destination))}/${bits}`];
    });
}

const numberOf = (hex: string): number => Buffer.from(hex.trim(), 'hex').readUInt32LE();
