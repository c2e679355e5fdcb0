// Whether a client can read JSON: its Accept header, as far as that matters to an API that only speaks JSON.
import type { IncomingHttpHeaders } from 'node:http';

const jsonRanges = new Set(['application/json', 'application/*', '*/*', '*']);

/** False only for a client that named other types and no range that covers JSON. */
export function acceptsJson({ accept }: IncomingHttpHeaders): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((item) => {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    return jsonRanges.has(range) && !isRefused;
  });
}
