// A ledger to ask, and a few words to ask it with; for its tests.
import type { Note } from '#protocol';
import { Ledger, type LedgerPast } from './ledger';
import type { Verdict } from './verdict';

export const leaseMs = 15_000;
const addresses = ['a1', 'a2', 'a3'];

export function note(grantId: string, overrides: Partial<Note> = {}): Note {
  return {
    owner: 'controller0',
    incarnation: '1',
    actionKey: 'guest|guest/hello|1',
    namespace: 'guest',
    grantId,
    epoch: grantId.split('.')[0]!,
    logLimitMb: 10,
    ...overrides,
  };
}

export function make(past: Partial<LedgerPast> = {}, memoryMb = 1024): Ledger {
  return new Ledger(
    {
      nodeId: 'node0',
      incarnation: 1n,
      memoryMb,
      addresses,
      createTimeoutMs: 30_000,
      graceLeaseMs: leaseMs,
      wipeableKinds: new Set(['nodejs:20']),
    },
    { epoch: 0n, longestLeaseMs: 0, cordon: 'open', cordonNumber: 0, ...past },
    0,
  );
}

export const spec = (id: string, granted?: Note) => ({
  id,
  kind: 'nodejs:20',
  memoryMb: 256,
  concurrency: 1,
  ...(granted ? { note: granted } : {}),
});

export function value<T>(verdict: Verdict<T>): T {
  if ('refusal' in verdict) throw verdict.refusal;
  return verdict.value;
}

export const refused = (verdict: Verdict<unknown>) => ('refusal' in verdict ? verdict.refusal.code : 'obeyed');

export function running(ledger: Ledger, id: string, granted?: Note, now = 0): string {
  const step = value(ledger.create(1n, spec(id, granted), now));
  if (step.step !== 'start') throw new Error(step.step);
  ledger.created(id, { container: step.address });
  return step.address;
}

/** Removes to the end and answers whether the removal was obeyed. */
export function remove(
  ledger: Ledger,
  id: string,
  reason: 'drained' | 'failed' | 'disowned' | 'unbound' | 'orphan',
  grantId?: string,
  now = 0,
) {
  const removal = ledger.remove(1n, id, { reason, ...(grantId ? { grantId } : {}) }, now);
  if ('value' in removal && removal.value === 'end') ledger.removed(id, now);
  return refused(removal);
}
