// Arithmetic of IPv4 subnets. Pure.

export interface Subnet {
  readonly first: number;
  readonly bits: number;
}

export function parseSubnet(text: string): Subnet | undefined {
  const [address, length] = text.split('/');
  const parts = (address ?? '').split('.').map(Number);
  const bits = Number(length ?? '32');
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  if (!Number.isInteger(bits) || bits < 0 || bits > 32) return undefined;
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - bits);
  return { first: Math.floor(value / size) * size, bits };
}

export function overlaps(left: string, right: string): boolean {
  const a = parseSubnet(left);
  const b = parseSubnet(right);
  if (!a || !b) return false;
  return a.first < b.first + 2 ** (32 - b.bits) && b.first < a.first + 2 ** (32 - a.bits);
}

/** Whether all of `inner` is in `outer`. */
export function isWithin(inner: string, outer: string): boolean {
  return overlaps(inner, outer) && parseSubnet(inner)!.bits >= parseSubnet(outer)!.bits;
}

/** Usable ones: without the network's own and the broadcast address. */
export function addressesIn(text: string): string[] {
  const subnet = parseSubnet(text);
  if (!subnet) return [];
  const count = Math.max(0, 2 ** (32 - subnet.bits) - 2);
  return Array.from({ length: count }, (_, at) => addressText(subnet.first + 1 + at));
}

/** Of the number that it stands for. */
export const addressText = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
