// Whether a request may call a web action: what `web-export` and `require-whisk-auth` say. Pure.
//
// Guarantee: an action that is not exported is as good as none; a secret is compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { annotation, type KeyValue } from '#entity';

export const secretHeader = 'x-require-whisk-auth';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function isSecret(given: string | string[] | undefined, expected: string): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(expected));
}

/** `isAuthenticated`: the request has valid credentials of the platform, whoever's. */
export function isAdmitted(
  annotations: readonly KeyValue[],
  headers: IncomingHttpHeaders,
  isAuthenticated: boolean,
): boolean {
  const required = annotation(annotations, 'require-whisk-auth');
  if (required === undefined || required === false) return true;
  if (required === true) return isAuthenticated;
  if (typeof required !== 'string' && typeof required !== 'number') return false;
  return isSecret(headers[secretHeader], String(required));
}
