// From a request's payload to the arguments of /run. Pure.
//
// Guarantees: action parameters are overridden by the payload key by key; a payload that defines a final parameter is refused; init
// parameters never reach the arguments; when nothing has to be merged the caller's own text is passed on untouched.
import { type ExecutableAction, rejections } from '#entity';

/** JSON text of the arguments. `text` is the request body, empty for none. Throws the 400s of a bad payload. */
export function argumentsText(action: ExecutableAction, payload: ParsedPayload): string {
  const { keys, value, text } = payload;
  for (const key of keys) if (action.immutableParameters.has(key)) throw rejections.parametersNotAllowed();
  const collides = keys.some((key) => Object.hasOwn(action.initEnvironment, key));
  if (action.parameters.length === 0 && !collides) return text;
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
}

const nothing: ParsedPayload = { text: '{}', value: {}, keys: [] };

/** `value` is what `text` parses to; undefined for no body. */
export function payloadOf(text: string, value: Readonly<Record<string, unknown>> | undefined): ParsedPayload {
  if (value === undefined) return nothing;
  const keys = Object.keys(value);
  return keys.length === 0 ? nothing : { text, value, keys };
}
