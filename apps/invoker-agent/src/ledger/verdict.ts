// What the ledger answers: a value or a refusal, and what must be on disk before that answer may be obeyed or sent. Effects come with
// refusals too: a higher epoch is stored even if the command that brought it is refused for another reason.
import type { Cordon } from '#protocol';
import type { StoredNote } from './stored-note';
import { Refusal } from './refusal';

export type Effect =
  | { readonly store: 'epoch'; readonly epoch: bigint }
  | { readonly store: 'note'; readonly note: StoredNote }
  | { readonly store: 'no-note'; readonly id: string }
  | { readonly store: 'longest-lease'; readonly leaseMs: number }
  | { readonly store: 'cordon'; readonly cordon: Cordon; readonly number: number };

export type Verdict<T> =
  | { readonly effects: readonly Effect[]; readonly value: T }
  | { readonly effects: readonly Effect[]; readonly refusal: Refusal };

export function verdict<T>(effects: readonly Effect[], outcome: T | Refusal): Verdict<T> {
  return outcome instanceof Refusal ? { effects, refusal: outcome } : { effects, value: outcome };
}
