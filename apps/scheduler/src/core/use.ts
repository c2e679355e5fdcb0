// Use states as they travel, and as the core calls them.
import { shareStates } from '#protocol';

export type Use = 'busy' | 'free' | 'suspended';

/** What says nothing is taken for busy. */
export function useOf(state: shareStates.UseState): Use {
  if (state === shareStates.UseState.FREE) return 'free';
  return state === shareStates.UseState.SUSPENDED ? 'suspended' : 'busy';
}
