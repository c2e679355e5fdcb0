// What can be said of a request by its method and path alone, before anybody is asked who calls.
//
// Guarantee: OpenWhisk's three zones (compatibility notes, R1, R2, A2). Root routes answer other methods with 405 and `Allow`; anything
// else outside /api/v1 is 405 with `Allow: OPTIONS`; below /api/v1 a caller is identified first, and what does not exist is 404. OPTIONS
// is answered everywhere. HEAD exists nowhere in the REST API. What Hearth has of its own is below /hearth/v1 and needs a caller,
// but for webhooks, whose path is the credential.
import { type Rejection, rejections } from '#entity';
import type { ApiPath } from './api-path';

export type EdgeDecision =
  /** Answer 200 `OK`. */
  | { readonly kind: 'options' }
  /** Let the route answer, whoever calls. */
  | { readonly kind: 'public' }
  /** Identify the caller, then let the route answer. */
  | { readonly kind: 'authenticated' }
  /** Identify the caller, then refuse. */
  | { readonly kind: 'refusedAfterAuthentication'; readonly rejection: Rejection }
  | { readonly kind: 'refused'; readonly rejection: Rejection };

const rootRoutes = new Set(['', 'ping', 'invokers', 'invokers/healthy/count']);
const publicRoutes = new Set(['', 'api-docs', 'docs', 'openapi.json']);

/** Where a slash at the end changes nothing, and the one place where it means something. */
function allowsTrailingSlash(method: string, segments: readonly string[]): boolean {
  const [, , , , collection, ...rest] = segments;
  if (rest.length === 0) return true;
  if (method !== 'GET' || rest.length > 1) return false;
  return collection === 'activations' || collection === 'actions';
}

export function edgeDecision(method: string, path: ApiPath): EdgeDecision {
  const { segments, hasTrailingSlash } = path;
  if (method === 'OPTIONS') return { kind: 'options' };
  const isRoot = rootRoutes.has(segments.join('/')) && (!hasTrailingSlash || segments.length === 0);
  if (isRoot && method === 'GET') return { kind: 'public' };
  if (isRoot) return { kind: 'refused', rejection: rejections.methodNotAllowed('GET, OPTIONS') };
  const isOwn = segments[0] === 'hearth' && segments[1] === 'v1';
  if (!isOwn && (segments[0] !== 'api' || segments[1] !== 'v1')) {
    return { kind: 'refused', rejection: rejections.methodNotAllowed('OPTIONS') };
  }
  if (isOwn && method === 'POST' && segments[2] === 'hooks' && segments.length === 6) return { kind: 'public' };
  if (!isOwn && method === 'GET' && publicRoutes.has(segments.slice(2).join('/'))) return { kind: 'public' };
  const isUnknown = method === 'HEAD' || (hasTrailingSlash && !allowsTrailingSlash(method, segments));
  return isUnknown
    ? { kind: 'refusedAfterAuthentication', rejection: rejections.routeNotFound() }
    : { kind: 'authenticated' };
}
