// What a caller may touch. Everything in the own namespace; nothing in others.
//
// Guarantee: checks run in OpenWhisk's order, syntax (400) before rights (403), and a refusal names the resource as OpenWhisk does
// (compatibility notes, A16): the namespace for collections; `ns/name` in the default package; `ns/package` when reading or invoking
// inside a package; the full name when writing. Segments are given percent-decoded.
import {
  type EntityName,
  type Identity,
  checkName,
  checkNamespace,
  entityPath,
  fullyQualifiedName,
  ownNamespace,
  rejections,
} from '#entity';

export type Access = 'read' | 'write' | 'activate';

/** `_` or the real name; throws the 400 of a namespace that cannot exist. */
export function resolveNamespace(identity: Identity, segment: string): string {
  return segment === ownNamespace ? identity.namespace : checkNamespace(segment);
}

/** The namespace of a collection; throws 403 if it is someone else's. */
export function ownedNamespace(identity: Identity, segment: string): string {
  const namespace = resolveNamespace(identity, segment);
  if (namespace !== identity.namespace) throw rejections.notAuthorized(namespace);
  return namespace;
}

/** `[name]` or `[package, name]` after the collection. Throws 404 for more, 400 for syntax, 403 without the right. */
export function entityTarget(
  identity: Identity,
  namespaceSegment: string,
  rest: readonly string[],
  access: Access,
): EntityName {
  const [first, second] = rest;
  if (first === undefined || rest.length > 2) throw rejections.routeNotFound();
  const namespace = resolveNamespace(identity, namespaceSegment);
  const target: EntityName =
    second === undefined
      ? { namespace, packageName: undefined, name: checkName(first) }
      : { namespace, packageName: checkName(first), name: checkName(second) };
  if (namespace !== identity.namespace) {
    const isInside = target.packageName !== undefined && access !== 'write';
    throw rejections.notAuthorized(isInside ? entityPath(target) : fullyQualifiedName(target));
  }
  return target;
}

/** The action that a POST names. */
export function invokeTarget(identity: Identity, namespaceSegment: string, rest: readonly string[]): EntityName {
  return entityTarget(identity, namespaceSegment, rest, 'activate');
}

/** Throws 403 if the namespace may not use actions of this kind. */
export function checkKind(identity: Identity, kind: string): void {
  const { allowedKinds } = identity.limits;
  if (allowedKinds !== undefined && !allowedKinds.includes(kind)) throw rejections.notAuthorizedForKind(kind);
}
