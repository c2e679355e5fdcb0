// What PUT bodies of packages, triggers and rules have in common. An update keeps what was not given and replaces lists whole. Pure.
import type { KeyValue, Parameter } from './action';
import { checkListSizes, readPublish } from './action-put';
import type { JsonObject } from './json';
import { readAnnotations, readParameters } from './parameters';
import { firstVersion, nextVersion, readVersion } from './version';

export interface CommonPut {
  readonly version: string | undefined;
  readonly publish: boolean | undefined;
  readonly annotations: readonly KeyValue[] | undefined;
}

export interface Lists {
  readonly parameters: readonly Parameter[] | undefined;
  readonly annotations: readonly KeyValue[] | undefined;
}

export interface CommonDocument {
  readonly version: string;
  readonly publish: boolean;
  readonly annotations: readonly KeyValue[];
}

/** The lists of a body, which OpenWhisk looks at before anything else, the request's query included. Throws a Rejection. */
export function readLists(body: JsonObject, bytesMax: number): Lists {
  const lists = { parameters: readParameters(body.parameters), annotations: readAnnotations(body.annotations) };
  checkListSizes(lists, bytesMax);
  return lists;
}

export function readCommonPut(body: JsonObject): CommonPut {
  return {
    version: readVersion(body.version),
    publish: readPublish(body.publish),
    annotations: readAnnotations(body.annotations),
  };
}

export function composeCommon(put: CommonPut, stored: CommonDocument | undefined): CommonDocument {
  return {
    version: put.version ?? (stored === undefined ? firstVersion : nextVersion(stored.version)),
    publish: put.publish ?? stored?.publish ?? false,
    annotations: put.annotations ?? stored?.annotations ?? [],
  };
}
