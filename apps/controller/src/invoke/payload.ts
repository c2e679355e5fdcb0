// From a request's payload to the arguments of /run. Pure.
//
// Guarantees: action parameters are overridden by the payload key by key; a payload that defines a final parameter is refused; init
// parameters never reach the arguments; when nothing has to be merged the caller's own text is passed on untouched; what parameters make of
// a payload is not larger than a payload may be.
import { type ExecutableAction, jsonNestingMax, nestingOf, rejections } from '#entity';

/** JSON text of the arguments. Throws the 400 of a bad payload, and the 413 of one that is too large once it is merged. */
export function argumentsText(action: ExecutableAction, payload: ParsedPayload, bytesMax: number): string {
  checkPayload(action, payload);
  const merged = mergedArguments(action, payload);
  if (merged === payload.text) return merged;
  const addedBytes = payload.sentBytes === undefined ? 0 : Buffer.byteLength(payload.text) - payload.sentBytes;
  const sizeBytes = Buffer.byteLength(merged) - addedBytes;
  if (sizeBytes > bytesMax) throw rejections.requestTooLarge(sizeBytes, bytesMax);
  return merged;
}

/** Throws the 400 of a payload that defines a final parameter. */
export function checkPayload({ immutableParameters }: ExecutableAction, { keys }: ParsedPayload): void {
  for (const key of keys) if (immutableParameters.has(key)) throw rejections.parametersNotAllowed();
}

/** The arguments of a component, whose payload may define what a caller's may not. Undefined: they are too large, or nested too deep to be merged. */
export function componentArguments(
  action: ExecutableAction,
  payload: ParsedPayload,
  bytesMax: number,
): string | undefined {
  const { parameters, initEnvironment } = action;
  const { text } = payload;
  if (parameters.length === 0 && Object.keys(initEnvironment).length === 0) return text;
  if (nestingOf(text, jsonNestingMax) > jsonNestingMax) return undefined;
  const merged = mergedArguments(action, payload);
  return Buffer.byteLength(merged) > bytesMax ? undefined : merged;
}

function mergedArguments(action: ExecutableAction, payload: ParsedPayload): string {
  const { keys, value, text } = payload;
  const collides = keys.some((key) => Object.hasOwn(action.initEnvironment, key));
  if (action.parameters.length === 0 && !collides) return text;
  if (payload.isList) return text;
  const merged: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const parameter of action.parameters) if (!parameter.init) merged[parameter.key] = parameter.value;
  for (const key of keys) if (!Object.hasOwn(action.initEnvironment, key)) merged[key] = value[key];
  return JSON.stringify(merged);
}

/** Environment of /init: a payload key equal to an init parameter takes its place there (compatibility notes, A22). */
export function initEnvironment(action: ExecutableAction, payload: ParsedPayload): Readonly<Record<string, string>> {
  const overridden = payload.keys.filter((key) => Object.hasOwn(action.initEnvironment, key));
  if (overridden.length === 0) return action.initEnvironment;
  const environment = { ...action.initEnvironment };
  for (const key of overridden) {
    const value = payload.value[key];
    environment[key] = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  }
  return environment;
}

export interface ParsedPayload {
  /** The caller's text, `{}` for an empty body. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
  /** What a component before it answered: passed on as it is, without parameters. */
  readonly isList?: boolean;
  /** How many bytes the caller sent, if `text` has more to it: what the platform added does not count. */
  readonly sentBytes?: number;
}

const nothing: ParsedPayload = { text: '{}', value: {}, keys: [] };

/** `value` is what `text` parses to; undefined for no body. */
export function payloadOf(text: string, value: Readonly<Record<string, unknown>> | undefined): ParsedPayload {
  if (value === undefined) return nothing;
  if (Array.isArray(value)) return { text, value: {}, keys: [], isList: true };
  const keys = Object.keys(value);
  return keys.length === 0 ? nothing : { text, value, keys };
}

/** What one component answered, as the payload of the next. It is parsed only if something has to be merged. */
export class ResultPayload implements ParsedPayload {
  private parsed: ParsedPayload | undefined;

  constructor(readonly text: string) {}

  get value(): ParsedPayload['value'] {
    return this.parts.value;
  }

  get keys(): ParsedPayload['keys'] {
    return this.parts.keys;
  }

  get isList(): boolean {
    return this.text.startsWith('[');
  }

  private get parts(): ParsedPayload {
    return (this.parsed ??= payloadOf(this.text, JSON.parse(this.text) as Record<string, unknown>));
  }
}
