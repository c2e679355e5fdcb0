// The path and the query of a request, decoded once.
//
// Guarantee: segments are percent-decoded one by one, so an encoded slash stays inside its segment, where the syntax of names refuses it.
import { messages, rejections } from '#entity';

export interface ApiPath {
  /** Without the empty one of a trailing slash; empty ones in between stay. */
  readonly segments: readonly string[];
  readonly hasTrailingSlash: boolean;
  readonly query: URLSearchParams;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) throw rejections.badSyntax(messages.undecodablePath);
    throw error;
  }
}

/** Reads the target of a request (`/path?query`). Throws the 400 of a path that cannot be decoded. */
export function parsePath(url: string): ApiPath {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const parts = path.split('/').slice(1);
  const hasTrailingSlash = parts.length > 0 && parts[parts.length - 1] === '';
  return {
    segments: (hasTrailingSlash ? parts.slice(0, -1) : parts).map(decode),
    hasTrailingSlash,
    query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)),
  };
}

/** What follows `/api/v1/namespaces/{namespace}/{collection}`. */
export function entitySegments(path: ApiPath): string[] {
  return path.segments.slice(5);
}

export function namespaceSegment(path: ApiPath): string {
  return path.segments[3] ?? '';
}
