// What operators tell the leader to do: each command is stored where it survives this leader, and then told to the core.
//
// Guarantee: a command either has taken effect when it is answered, or is refused with one sentence that says what to do.
import type { Limits } from '#limits';
import type { Cordon } from '#protocol';
import { afterOrder, type StemCellOrder } from './core/stem-cell-orders';
import type { Scheduling } from './scheduling';
import type { StemCellMemory } from './stem-cell-memory';

export type RefusalReason = 'not-found' | 'bad-request' | 'unavailable' | 'not-possible';

export class CommandRefused extends Error {
  constructor(
    readonly reason: RefusalReason,
    sentence: string,
  ) {
    super(sentence);
    this.name = 'CommandRefused';
  }
}

const endedSentence = 'this scheduler stopped leading meanwhile; ask again.';

export class OperatorCommands {
  constructor(
    private readonly scheduling: Scheduling,
    private readonly memory: StemCellMemory,
    private readonly limits: Limits,
    /** Whether another scheduler could take over. */
    private readonly isElected: boolean,
  ) {}

  /** At the agent first, which keeps it. */
  async cordon(nodeId: string, cordon: Cordon): Promise<void> {
    const { view } = this.scheduling;
    const node = view?.nodes.get(nodeId);
    if (!node) {
      const known = [...(view?.nodes.keys() ?? [])].sort().join(', ');
      throw new CommandRefused(
        'not-found',
        `node "${nodeId}" is unknown; ${known ? `there are ${known}` : 'none is known'}.`,
      );
    }
    const answer = await this.scheduling.cordonAt(node.agentUrl, cordon);
    if ('failure' in answer) {
      const found = `${answer.failure.code}: ${answer.failure.text}`;
      throw new CommandRefused('unavailable', `node ${nodeId} did not store it (${found}); ask again when it answers.`);
    }
    this.scheduling.input({ kind: 'cordoned', nodeId, cordon, number: answer.value.number });
  }

  evict(containerId: string): void {
    if (!this.scheduling.view?.containers.has(containerId)) {
      throw new CommandRefused('not-found', `container "${containerId}" is unknown; it may have ended meanwhile.`);
    }
    this.scheduling.input({ kind: 'evict', containerId });
  }

  setStemCells(order: StemCellOrder): Promise<void> {
    return this.memory.inTurn(async (write) => {
      const { view, epoch } = this.scheduling;
      if (!view || epoch === undefined) throw new CommandRefused('unavailable', endedSentence);
      if (!view.stock.isKnown) {
        throw new CommandRefused('unavailable', 'what was set before is not read yet; ask again in a moment.');
      }
      const kinds = new Set([...view.nodes.values()].flatMap((node) => [...node.kinds]));
      const wanted = afterOrder(order, view.stock.ofOperators, kinds, this.limits);
      if (typeof wanted === 'string') throw new CommandRefused('bad-request', wanted);
      if (!(await this.isStored(() => write(wanted, epoch)))) throw new CommandRefused('unavailable', endedSentence);
      if (this.scheduling.epoch !== epoch) throw new CommandRefused('unavailable', endedSentence);
      this.scheduling.input({ kind: 'stem-cells', stemCells: wanted });
    });
  }

  private async isStored(write: () => Promise<boolean>): Promise<boolean> {
    try {
      return await write();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandRefused('unavailable', `it could not be stored (${why}), so nothing was changed; ask again.`);
    }
  }

  stepDown(): void {
    if (!this.isElected) {
      const sentence = 'leadership is local (LEADER_LOCK=local), so no other scheduler could lead; stop it instead.';
      throw new CommandRefused('not-possible', sentence);
    }
    this.scheduling.stepDown();
  }
}
