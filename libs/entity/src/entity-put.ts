// What PUT bodies of packages, triggers and rules have in common. An update keeps what was not given and replaces lists whole. Pure.
import type { KeyValue } from './action';
import { readPublish } from './action-put';
import type { JsonObject } from './json';
import { readAnnotations } from './parameters';
import { firstVersion, nextVersion, readVersion } from './version';

export interface CommonPut {
  readonly version: string | undefined;
  readonly publish: boolean | undefined;
  readonly annotations: readonly KeyValue[] | undefined;
}

export interface CommonDocument {
  readonly version: string;
  readonly publish: boolean;
  readonly annotations: readonly KeyValue[];
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
