// `exec` of a request body: what runs when the action is invoked.
//
// Guarantee: what was read has a kind that is offered (resolved, never `family:default`), and its code apart from it.
import type { Exec } from './action';
import { isObject, type JsonObject } from './json';
import { messages } from './messages';
import { fullyQualifiedName, resolveReference } from './names';
import { rejections } from './rejections';
import type { RuntimesManifest } from './runtimes-manifest';

export const sequenceKind = 'sequence';
export const blackboxKind = 'blackbox';

export interface GivenExec {
  readonly exec: Exec;
  /** null: there is none (sequences, blackbox images with a server of their own). */
  readonly code: string | null;
  readonly isDeprecated: boolean;
}

// Simple on purpose: groups of four would exhaust the matcher's stack on large archives.
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Whether code counts as base64: computed, never read. Short plain text may be taken for it, as in OpenWhisk. */
export function isBinary(code: string): boolean {
  const text = code.trim();
  return text.length > 0 && text.length % 4 === 0 && base64.test(text);
}

// name of a container image: [domain[:port]/]path[/path…][:tag][@digest], as Docker defines it
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const domain = '(?:[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+(?::\\d+)?|[A-Za-z0-9-]+:\\d+)';
const imageName = new RegExp(
  `^(?:${domain}/)?${component}(?:/${component})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?$`,
);
const imageNameLengthMax = 512;

function readMain({ main }: JsonObject, kind: string): string | undefined {
  if (main === undefined) return undefined;
  if (typeof main !== 'string') throw rejections.malformed(messages.mainNotStringIfDefined(kind));
  return main;
}

function readCode(code: unknown): string {
  if (typeof code !== 'string') throw rejections.malformed(messages.codeNotAttachment(JSON.stringify(code)));
  return code;
}

function readSequence(given: JsonObject, callerNamespace: string): GivenExec {
  const { components } = given;
  if (components === undefined) throw rejections.malformed(messages.componentsUndefined);
  if (!Array.isArray(components)) throw rejections.malformed(messages.componentsNotArray);
  const names = components.map((item: unknown) => {
    const text = isObject(item) ? `${String(item.path)}/${String(item.name)}` : item;
    if (typeof text !== 'string') throw rejections.malformed(messages.requirementFailed(messages.notFullyQualified));
    return `/${fullyQualifiedName(resolveReference(text, callerNamespace))}`;
  });
  return { exec: { kind: sequenceKind, components: names }, code: null, isDeprecated: false };
}

function readBlackbox(given: JsonObject): GivenExec {
  const { image } = given;
  if (typeof image !== 'string') throw rejections.malformed(messages.imageNotString);
  if (image.length > imageNameLengthMax || !imageName.test(image)) throw rejections.malformed(messages.imageMalformed);
  const isAbsent = given.code === undefined || (typeof given.code === 'string' && given.code.trim() === '');
  const code = isAbsent ? null : readCode(given.code);
  const main = readMain(given, blackboxKind);
  const binary = code !== null && isBinary(code);
  return {
    exec: { kind: blackboxKind, image, binary, ...(main === undefined ? {} : { main }) },
    code,
    isDeprecated: false,
  };
}

function readManaged(given: JsonObject, kind: string, manifest: RuntimesManifest): GivenExec {
  const runtime = manifest.runtime(kind);
  if (runtime === undefined) {
    throw rejections.malformed(messages.kindUnknown(kind, [...manifest.kinds, blackboxKind, sequenceKind]));
  }
  if (given.code === undefined) throw rejections.malformed(messages.codeNotString(runtime.kind));
  const main = readMain(given, runtime.kind);
  if (main === undefined && runtime.requiresMain) throw rejections.malformed(messages.mainNotString(runtime.kind));
  const code = readCode(given.code);
  return {
    exec: { kind: runtime.kind, binary: isBinary(code), ...(main === undefined ? {} : { main }) },
    code,
    isDeprecated: runtime.isDeprecated,
  };
}

/** `exec` of a request body; undefined if it was not given. */
export function readExec(value: unknown, manifest: RuntimesManifest, callerNamespace: string): GivenExec | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw rejections.malformed(messages.objectExpected);
  if (typeof value.kind !== 'string') throw rejections.malformed(messages.kindNotString);
  const kind = value.kind.trim().toLowerCase();
  if (kind === sequenceKind) return readSequence(value, callerNamespace);
  if (kind === blackboxKind) return readBlackbox(value);
  return readManaged(value, kind, manifest);
}

/** `exec` as it is shown: with code in its place unless it was not asked for or there is none. */
export function showExec(exec: Exec, code: string | null | undefined): JsonObject {
  if (exec.kind === sequenceKind) return { components: exec.components, kind: exec.kind };
  const { kind, image, binary, main } = exec;
  const shownCode = code === null || code === undefined ? {} : { code };
  const shownMain = main === undefined ? {} : { main };
  return kind === blackboxKind
    ? { kind, image, binary, ...shownCode, ...shownMain }
    : { kind, ...shownCode, binary, ...shownMain };
}
