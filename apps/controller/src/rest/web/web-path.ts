// /api/v1/web/{namespace}/{package}/{action}[.extension][/path][?query]: which action a URL names, and in which form it is to be answered. Pure.
//
// Guarantee: what comes out are names that an entity may have, so that a path cannot lead anywhere else; `_` is an ordinary name here, since
// nobody's namespace is meant. Everything else is no web action's URL, and left to the other routes.
//
// A host may stand for a namespace, too: what its paths mean is said here.
import { type EntityName, isName } from '#entity';

export const webExtensions = ['.http', '.json', '.html', '.svg', '.text'] as const;
export type WebExtension = (typeof webExtensions)[number];

export interface WebTarget {
  /** Of the default package if its `packageName` is undefined; that package is called `default` here. */
  readonly action: EntityName;
  readonly extension: WebExtension;
  /** What follows the action, as it was sent; empty or with a slash in front. */
  readonly path: string;
  /** What follows the question mark, as it was sent. */
  readonly query: string;
}

const prefix = '/api/v1/web/';
const pattern = /^\/api\/v1\/web\/([^/?]+)\/([^/?]+)\/([^/?]+)([^?]*)(?:\?(.*))?$/s;

function decoded(segment: string): string | undefined {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** The target of a request, if it is a web action's. */
export function webTarget(url: string): WebTarget | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const found = pattern.exec(url);
  if (found === null) return undefined;
  const [, ...parts] = found;
  const [namespace, packageName, file] = parts.slice(0, 3).map((part) => decoded(part!));
  if (namespace === undefined || packageName === undefined || file === undefined) return undefined;
  if (!isName(namespace) || !isName(packageName) || !isName(file)) return undefined;
  const extension = webExtensions.find((ending) => file.endsWith(ending));
  const name = extension === undefined ? file : file.slice(0, -extension.length);
  if (!isName(name)) return undefined;
  return {
    action: { namespace, packageName: packageName === 'default' ? undefined : packageName, name },
    extension: extension ?? '.http',
    path: parts[3] ?? '',
    query: parts[4] ?? '',
  };
}

const label = /^[0-9a-z-]+$/;

/**
 * The URL that a request means whose host is `{namespace}.{domain}`: `/` is the namespace's `public/index.html`, other paths are web actions of
 * its packages. The API itself stays where it is on every host. Undefined: the host is none of these, and the URL means what it says.
 */
export function vanityUrl(host: string | undefined, url: string, domain: string): string | undefined {
  const name = host?.toLowerCase().replace(/:\d*$/, '');
  if (!name?.endsWith(`.${domain}`) || !url.startsWith('/') || /^\/api\/v1(?:[/?]|$)/.test(url)) return undefined;
  const namespace = name.slice(0, -domain.length - 1);
  if (!label.test(namespace)) return undefined;
  const isRoot = url === '/' || url.startsWith('/?');
  return `${prefix}${namespace}${isRoot ? `/public/index.html${url.slice(1)}` : url}`;
}
