// Whether a client can read an answer of a type: its Accept header.
//
// Guarantee: of the ranges that cover the type the most specific one decides, and one with `q=0` refuses. Without a header everything is read.
import type { IncomingHttpHeaders } from 'node:http';

/** How specific a range is for a type: 0 does not cover it. */
function coverage(range: string, essence: string): number {
  if (range === essence) return 3;
  if (range === '*/*' || range === '*') return 1;
  return range.endsWith('/*') && essence.startsWith(range.slice(0, -1)) ? 2 : 0;
}

/** `essence` is `type/subtype`, lower case. */
export function accepts({ accept }: IncomingHttpHeaders, essence: string): boolean {
  if (accept === undefined || accept === '*/*' || accept.trim() === '') return true;
  let best = 0;
  let isAccepted = false;
  for (const item of accept.split(',')) {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const found = coverage(range, essence);
    if (found <= best) continue;
    best = found;
    isAccepted = !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  }
  return isAccepted;
}

/** For what answers JSON only. */
export function acceptsJson(headers: IncomingHttpHeaders): boolean {
  return accepts(headers, 'application/json');
}
