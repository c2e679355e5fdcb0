// Records of sequences and conductors, as JSON text, members in OpenWhisk's (alphabetical) order. Pure.
//
// They differ from an action's: `logs` are the ids of what ran, `duration` is the sum of it while `end` is the clock's, `limits` shows the most
// memory of it, and there is no `timeout` (compatibility notes, 3.4, 3.5, A27).
import { activationStatus, type Identity, keepsActivations, referenceOf, sequenceKind, statusText } from '#entity';
import type { ActivationRow } from '#store';
import { lostControllerText, whiskError } from '../run-outcome';
import type { CompositionEnd } from './composition';
import type { FrameFacts } from './frame';

/** OpenWhisk composes these limits anew, with what an action gets that names none. */
const concurrency = 1;

export function compositionRow(
  { facts, end, durationMs, memoryMb, logs, response }: CompositionEnd,
  identity: Identity,
  settles?: ActivationRow['settles'],
  attempts?: number,
): ActivationRow {
  const { action, activationId, cause, start } = facts;
  const { statusCode, result, size } = response;
  const annotations = JSON.stringify(annotationsOf(facts, memoryMb, attempts));
  const causeText = cause === undefined ? '' : `"cause":"${cause}",`;
  const names = `"name":${JSON.stringify(action.name)},"namespace":${JSON.stringify(identity.namespace)},"publish":false`;
  const version = `"version":${JSON.stringify(action.version)}`;
  const head = `{"activationId":"${activationId}","annotations":${annotations},${causeText}"duration":${durationMs},"end":${end}`;
  const sizeText = size === undefined ? '' : `,"size":${size}`;
  const isSuccess = statusCode === activationStatus.success;
  const responseText = `{"result":${result}${sizeText},"status":"${statusText(statusCode)}","success":${isSuccess}}`;
  const subject = JSON.stringify(identity.subject);
  return {
    namespace: identity.namespace,
    activationId,
    acceptedAt: start - facts.waitTimeMs,
    start,
    end,
    name: action.name,
    packageName: referenceOf(action).packageName,
    statusCode,
    summary: `${head},${names},"start":${start},"statusCode":${statusCode},${version}}`,
    record: `${head},"logs":${JSON.stringify(logs)},${names},"response":${responseText},"start":${start},"subject":${subject},${version}}`,
    ...(settles ? { settles } : {}),
    ...(keepsActivations(identity.limits) ? {} : { isUnkept: true }),
  };
}

/** The record of one whose controller was lost: what ran for it is in its own records, which name it as their cause. */
export function lostCompositionRow(
  facts: FrameFacts,
  identity: Identity,
  settles?: ActivationRow['settles'],
  attempts?: number,
): ActivationRow {
  const response = whiskError(lostControllerText);
  const end = { facts, end: facts.start, durationMs: 0, memoryMb: facts.action.limits.memory, logs: [], response };
  return compositionRow(end, identity, settles, attempts);
}

function annotationsOf(
  { action, cause, waitTimeMs }: FrameFacts,
  memoryMb: number | undefined,
  attempts: number | undefined,
): readonly { key: string; value: unknown }[] {
  const { fullyQualifiedName, binding, limits, composition } = action;
  const { logs, timeout } = limits;
  return [
    { key: 'topmost', value: cause === undefined },
    ...(binding === undefined ? [] : [{ key: 'binding', value: binding }]),
    { key: 'path', value: fullyQualifiedName },
    ...(cause === undefined ? [] : [causedBySequence]),
    { key: 'waitTime', value: waitTimeMs },
    ...(composition === 'conductor' ? [{ key: 'conductor', value: true }] : []),
    { key: 'kind', value: sequenceKind },
    ...(memoryMb === undefined ? [] : [{ key: 'limits', value: { concurrency, logs, memory: memoryMb, timeout } }]),
    ...(attempts === undefined ? [] : [{ key: 'hearth-attempts', value: attempts }]),
  ];
}

const causedBySequence = { key: 'causedBy', value: sequenceKind } as const;
