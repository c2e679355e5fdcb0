// Sentences that a reader needs beside the figures, or would draw a wrong conclusion. Pure.
import { type Outcome, outcomes } from './finished-request';
import type { ScenarioResult, WorkloadResult } from './result';

/** A driver whose requests leave later than this (99th percentile) is not on its schedule. */
export const latenessMostMs = 10;

/** Whether the driver itself was too slow, so that its latencies say more about it than about the platform. */
export function isBehind({ lateness }: Pick<ScenarioResult, 'lateness'>): boolean {
  return (lateness.percentilesMs?.['99'] ?? 0) > latenessMostMs;
}

const advice: Partial<Record<Outcome, string>> = {
  throttled:
    "raise the namespace's invocations per minute and concurrent invocations (Hearth: LIMIT_NAMESPACE_INVOCATIONS_PER_MINUTE, LIMIT_NAMESPACE_CONCURRENT_INVOCATIONS_COUNT, or the subject's own limits), or lower the rate",
  descriptors: 'raise `ulimit -n`, or have fewer requests at once',
  unreachable: 'is the platform running, and is --apihost right?',
  unavailable: 'the queues of the platform were full: lower the rate, or give it more memory',
};

export function remarksOn({ scenarios, whole, isPartial }: Omit<WorkloadResult, 'remarks'>): string[] {
  const remarks: string[] = [];
  if (isPartial) remarks.push('It was stopped before its end: what had not been sent by then is not counted.');
  for (const scenario of scenarios) {
    if (!isBehind(scenario)) continue;
    const p99 = scenario.lateness.percentilesMs!['99']!.toFixed(1);
    remarks.push(
      `${scenario.name}: the driver fell behind its own schedule (99 % of requests left within ${p99} ms of their time, the last ${scenario.lateness.maxMs!.toFixed(1)} ms late). Latencies count from the intended time and so contain the driver's own delay: do not take them for the platform's.`,
    );
  }
  for (const [outcome, sentence] of Object.entries(advice)) {
    const count = whole.outcomes[outcome];
    if (count) remarks.push(`${count} requests ${outcome} (${outcomes[outcome as Outcome]}): ${sentence}.`);
  }
  if (whole.doubled > 0) remarks.push(`${whole.doubled} answers came twice.`);
  return remarks;
}
