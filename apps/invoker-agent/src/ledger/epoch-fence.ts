// The epoch fence: a command of a scheduler is obeyed only if no higher epoch has been seen.
//
// Guarantee: `highest` never falls, and whoever lets a command pass here first stores an epoch that `admit` calls raised.
import { Refusal } from './refusal';

export class EpochFence {
  constructor(private seen: bigint) {}

  get highest(): bigint {
    return this.seen;
  }

  /** Whether the epoch is new to this agent, and so must be stored before the command is obeyed. */
  admit(epoch: bigint): { raised: boolean } | Refusal {
    if (epoch < this.seen) {
      return new Refusal(
        'stale-epoch',
        `The command has epoch ${epoch}, this agent has seen ${this.seen}; another scheduler leads.`,
        this.seen,
      );
    }
    const raised = epoch > this.seen;
    this.seen = epoch;
    return { raised };
  }
}
