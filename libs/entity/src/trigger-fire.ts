// A fire of a trigger: the arguments that its rules' actions get, and the record of it as OpenWhisk writes it. Pure.
//
// Guarantee: a record has one log line for each rule, in the rules' order; it has no end, no duration and no size.
import { activationStatus, statusText } from './activation';
import type { Parameter } from './action';
import type { Identity } from './identity';
import { messages } from './messages';
import { fullyQualifiedName } from './names';
import { nameOfReference, type RuleLink, type StoredTrigger } from './trigger';

/** What became of one rule. */
export type RuleOutcome =
  | { readonly activationId: string }
  /** 4xx is the caller's mistake, everything else the platform's. */
  | { readonly status: number; readonly error: string };

/** Headers that describe the body and are not passed on. */
const bodyHeaders = new Set(['content-type', 'content-length']);

/** `__ow_headers`: what came with the request, but for what describes its body. */
export function firedHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>) {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || bodyHeaders.has(name)) continue;
    kept[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return kept;
}

/** What the actions of the rules get: the trigger's parameters under the headers under the payload. */
export function firedArguments(
  parameters: readonly Parameter[],
  headers: Readonly<Record<string, string>> | undefined,
  payload: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    ...Object.fromEntries(parameters.map(({ key, value }) => [key, value])),
    ...(headers === undefined ? {} : { __ow_headers: headers }),
    ...payload,
  };
}

/** The log line of a rule. */
export function ruleLogLine(rule: string, link: RuleLink, outcome: RuleOutcome): string {
  const action = fullyQualifiedName(nameOfReference(link.action));
  if ('activationId' in outcome) {
    return JSON.stringify({ statusCode: activationStatus.success, success: true, ...outcome, rule, action });
  }
  const { status, error } = outcome;
  const statusCode = status >= 500 ? activationStatus.whiskInternalError : activationStatus.applicationError;
  return JSON.stringify({ statusCode, success: false, rule, error, action });
}

/** What happens to a rule that is not active. */
export function inactiveRule(rule: string, link: RuleLink): RuleOutcome {
  return { status: 400, error: messages.ruleInactive(rule, fullyQualifiedName(nameOfReference(link.action))) };
}

export interface FireFacts {
  readonly activationId: string;
  /** Wall clock, milliseconds. */
  readonly start: number;
  /** JSON text of the payload, as it was given. */
  readonly payload: string;
  readonly logs: readonly string[];
}

/** Record and summary of a fire, as JSON text with members in OpenWhisk's (alphabetical) order. */
export function fireRecord(
  { name, document }: StoredTrigger,
  { namespace, subject }: Pick<Identity, 'namespace' | 'subject'>,
  { activationId, start, payload, logs }: FireFacts,
): { readonly record: string; readonly summary: string } {
  const head = `{"activationId":"${activationId}","annotations":[]`;
  const names = `"name":${JSON.stringify(name)},"namespace":${JSON.stringify(namespace)},"publish":false`;
  const version = JSON.stringify(document.version);
  const response = `{"result":${payload},"status":"${statusText(activationStatus.success)}","success":true}`;
  return {
    record: `${head},"logs":${JSON.stringify(logs)},${names},"response":${response},"start":${start},"subject":${JSON.stringify(subject)},"version":${version}}`,
    summary: `${head},${names},"start":${start},"version":${version}}`,
  };
}
