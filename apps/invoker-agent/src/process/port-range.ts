// The ports that containers may listen on, `first-last`.
import { z } from 'zod';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'expected first-last, e.g. 17000-18999')
  .transform((text): PortRange => {
    const [first, last] = text.split('-').map(Number);
    return { first: first!, last: last! };
  })
  .refine(
    ({ first, last }) => first >= 1024 && last <= 65_535 && first <= last,
    'expected first-last between 1024 and 65535',
  );

export function addressesOf(host: string, { first, last }: PortRange): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => `${host}:${first + at}`);
}
