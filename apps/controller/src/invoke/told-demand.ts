// What the scheduler is told of a demand. Pure.
//
// Guarantees: waiters whose turn in an owned container comes sooner than a new one could be there are none to the scheduler, so that calls that
// meet by chance cause neither messages nor containers; as soon as somebody has waited, or something has been running, for longer than that, or too
// many wait for each container, the whole truth is told.
import type { Limits } from '#limits';
import type { shareStates as wire } from '#protocol';

/** A demand as the data path knows it; `lastSeen` is the stream's business. */
export type KeyDemand = wire.Demand;

export function nothing(actionKey: string): KeyDemand {
  return {
    actionKey,
    kind: '',
    image: '',
    memoryMb: 0,
    concurrency: 1,
    logLimitMb: 0,
    namespaceConcurrency: 0,
    waiting: 0,
    inFlight: 0,
    owned: 0,
    meanDurationMs: 0,
    oldestRunningMs: 0,
    oldestWaitingMs: 0,
    lastSeen: 0,
  };
}

export type ToldLimits = Pick<Limits, 'demandLightMs' | 'turnsPerContainerCount'>;

function isLight(demand: KeyDemand, { demandLightMs, turnsPerContainerCount }: ToldLimits): boolean {
  const { waiting, inFlight, owned, concurrency, meanDurationMs, oldestRunningMs, oldestWaitingMs } = demand;
  const slots = owned * concurrency;
  return (
    meanDurationMs > 0 &&
    waiting <= slots * turnsPerContainerCount &&
    (waiting + inFlight) * meanDurationMs < slots * demandLightMs &&
    Math.max(oldestRunningMs, oldestWaitingMs) < demandLightMs
  );
}

/** The demand itself, or none. */
export function toldDemand(demand: KeyDemand, limits: ToldLimits): KeyDemand {
  return demand.waiting > 0 && isLight(demand, limits) ? { ...demand, waiting: 0 } : demand;
}

const isWithinDouble = (left: number, right: number): boolean => left <= 2 * right && right <= 2 * left;

/** Whether the scheduler would decide the same: a crowd that is served in turn changes all the time and asks for nothing new. */
export function isSteady(before: KeyDemand, now: KeyDemand): boolean {
  return (
    before.waiting > 0 &&
    now.waiting > 0 &&
    before.meanDurationMs > 0 &&
    before.owned === now.owned &&
    isWithinDouble(before.waiting, now.waiting) &&
    isWithinDouble(before.meanDurationMs, now.meanDurationMs)
  );
}
