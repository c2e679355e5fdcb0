// PUT of a package: from a request body to the document that is stored. Pure.
//
// Guarantee: an update is a merge of what was given (lists are replaced whole), a package never becomes a binding, and the annotation
// `binding` says what the package is bound to, whatever the request says.
import type { Parameter } from './action';
import { noQuery } from './action-put';
import { type CommonPut, composeCommon, readCommonPut, readLists } from './entity-put';
import { isObject } from './json';
import { messages } from './messages';
import { isName, ownNamespace } from './names';
import type { PackageDocument, PackageName } from './package';
import { rejections } from './rejections';

export interface PackagePut extends CommonPut {
  readonly binding: PackageName | undefined;
  readonly parameters: readonly Parameter[] | undefined;
}

/** `binding` of a request body; undefined if there is none. `_` is the caller's namespace. */
function readBinding(value: unknown, callerNamespace: string): PackageName | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw rejections.malformed(messages.bindingMalformed);
  const { namespace: given, name } = value;
  if (given === undefined && name === undefined) return undefined;
  if (typeof given !== 'string' || typeof name !== 'string') throw rejections.malformed(messages.bindingMalformed);
  const namespace = given === ownNamespace ? callerNamespace : given;
  if (!isName(namespace)) throw rejections.malformed(messages.namespaceIllegal);
  if (!isName(name)) throw rejections.malformed(messages.nameIllegal);
  return { namespace, name };
}

/** Reads and checks a body, and the query after its lists. Throws a Rejection. */
export function readPackagePut(
  body: unknown,
  callerNamespace: string,
  parametersBytes: number,
  readQuery: () => void = noQuery,
): PackagePut {
  if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
  const { parameters } = readLists(body, parametersBytes);
  readQuery();
  return { binding: readBinding(body.binding, callerNamespace), parameters, ...readCommonPut(body) };
}

/** The document to store. Throws the 409 of a package that would become a binding. */
export function composePackage(put: PackagePut, stored: PackageDocument | undefined): PackageDocument {
  if (put.binding !== undefined && stored !== undefined && stored.binding === undefined) {
    throw rejections.conflictWith(messages.packageNoBinding);
  }
  const binding = put.binding ?? stored?.binding;
  const common = composeCommon(put, stored);
  const annotations = common.annotations.filter(({ key }) => key !== 'binding');
  return {
    ...common,
    ...(binding === undefined ? {} : { binding }),
    parameters: put.parameters ?? stored?.parameters ?? [],
    annotations:
      binding === undefined
        ? annotations
        : [...annotations, { key: 'binding', value: { name: binding.name, namespace: binding.namespace } }],
  };
}
