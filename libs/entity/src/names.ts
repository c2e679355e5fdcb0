// Names as OpenWhisk allows them, and the path that leads to an entity.
//
// Guarantee: what these functions let through contains no `/`, no `|` and no control character, so that paths and action keys can be
// joined and split without escaping. Segments are given percent-decoded.
import { messages } from './messages';
import { rejections } from './rejections';

export const nameLengthMax = 256;

/** The segment that stands for the caller's own namespace. */
export const ownNamespace = '_';

const segment = /^(?:\w|\w[\w@ .&-]{0,254}[\w@.&-])$/;

export function isName(text: string): boolean {
  return text.length <= nameLengthMax && segment.test(text);
}

/** Throws the 400 of a namespace that cannot exist. */
export function checkNamespace(text: string): string {
  if (text.length > nameLengthMax) {
    throw rejections.badSyntax(messages.namespaceTooLong(text.length, nameLengthMax));
  }
  if (!segment.test(text)) throw rejections.badSyntax(messages.namespaceIllegal);
  return text;
}

/** Throws the 400 of an entity or package name that cannot exist. */
export function checkName(text: string): string {
  if (text.length > nameLengthMax) throw rejections.badSyntax(messages.nameTooLong(text.length, nameLengthMax));
  if (!segment.test(text)) throw rejections.badSyntax(messages.nameIllegal);
  return text;
}

/** Where an entity lives: in a namespace, and there in a package or in none. */
export interface EntityName {
  readonly namespace: string;
  readonly packageName: string | undefined;
  readonly name: string;
}

/** `namespace` or `namespace/package`. */
export function entityPath({ namespace, packageName }: Omit<EntityName, 'name'>): string {
  return packageName === undefined ? namespace : `${namespace}/${packageName}`;
}

/** `namespace[/package]/name` */
export function fullyQualifiedName(entity: EntityName): string {
  return `${entityPath(entity)}/${entity.name}`;
}

/** The inverse of `fullyQualifiedName`, for names that were checked before. */
export function parseFullyQualifiedName(text: string): EntityName | undefined {
  const parts = text.split('/');
  const [namespace, second, third] = parts;
  if (!namespace || !second || parts.length > 3 || third === '') return undefined;
  return third === undefined
    ? { namespace, packageName: undefined, name: second }
    : { namespace, packageName: second, name: third };
}

/**
 * Reads a reference to an entity from a request body: `/ns/[pkg/]name`, the leading slash optional, `_` for the caller's namespace.
 * Throws the 400 of a malformed body.
 */
export function resolveReference(text: string, callerNamespace: string): EntityName {
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/');
  if (parts.length < 2) throw rejections.malformed(messages.requirementFailed(messages.notFullyQualified));
  const [first = '', ...rest] = parts;
  const namespace = first === ownNamespace ? callerNamespace : first;
  if (!isName(namespace)) throw rejections.malformed(messages.namespaceIllegal);
  if (rest.length > 2 || !rest.every(isName)) throw rejections.malformed(messages.nameIllegal);
  return rest.length === 1
    ? { namespace, packageName: undefined, name: rest[0]! }
    : { namespace, packageName: rest[0]!, name: rest[1]! };
}
