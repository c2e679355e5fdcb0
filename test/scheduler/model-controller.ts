// A controller as the small world needs it: waiters by key, containers with at most one run each, and its half of share-states.
import { protocolVersion, shareStates } from '#protocol';
import { demandOf } from './core-rig';

type Outgoing = NonNullable<shareStates.ControllerMessage['body']>;

interface Held {
  readonly grantId: string;
  readonly key: string;
  isRunning: boolean;
  isRetiring: boolean;
}

export const memoryOfKey = (key: string): number => (key.includes('large') ? 512 : 256);

export class ModelController {
  /** What it owns and could run in. */
  readonly held = new Map<string, Held>();
  readonly waiting = new Map<string, number>();
  /** Said and not yet arrived. */
  readonly outgoing: Outgoing[] = [];
  stream: number | undefined;
  isDead = false;
  generation = 0;
  served = 0;
  private lastSeen = 0;
  private epoch = 0n;

  constructor(
    readonly id: string,
    readonly incarnation: bigint,
  ) {}

  // ---- its stream ----

  connect(stream: number): void {
    this.stream = stream;
    this.generation += 1;
    this.lastSeen = 0;
    this.outgoing.length = 0;
    const { FREE, BUSY } = shareStates.UseState;
    this.outgoing.push({
      $case: 'hello',
      value: {
        controllerId: this.id,
        incarnation: this.incarnation,
        generation: this.generation,
        address: '',
        containers: [...this.held].map(([containerId, { grantId, key, isRunning }]) => ({
          containerId,
          grantId,
          actionKey: key,
          state: isRunning ? BUSY : FREE,
          idleMs: 0,
        })),
        demands: [...this.waiting.keys()].map((key) => this.demandOf(key)),
        protocolVersion,
      },
    });
  }

  lost(): void {
    this.stream = undefined;
    this.outgoing.length = 0;
  }

  private demandOf(key: string): shareStates.Demand {
    const own = [...this.held.values()].filter((held) => held.key === key);
    return demandOf({
      actionKey: key,
      memoryMb: memoryOfKey(key),
      waiting: this.waiting.get(key) ?? 0,
      inFlight: own.filter(({ isRunning }) => isRunning).length,
      owned: own.length,
      meanDurationMs: 50,
      lastSeen: this.lastSeen,
      // Some keys are held back, others press on, so that a namespace is at its limit and beyond.
      namespaceConcurrency: /[ac]\|1$/.test(key) ? 2 : 0,
    });
  }

  tellDemand(key: string): void {
    this.say({ $case: 'demand', value: this.demandOf(key) });
  }

  private say(body: Outgoing): void {
    if (this.stream !== undefined) this.outgoing.push(body);
  }

  private tellState(containerId: string, { grantId, isRunning }: Held): void {
    const state = isRunning ? shareStates.UseState.BUSY : shareStates.UseState.FREE;
    this.say({ $case: 'states', value: { states: [{ containerId, grantId, state, idleMs: 0 }] } });
  }

  // ---- its work ----

  invoke(key: string): void {
    for (const [containerId, held] of this.held) {
      if (held.key !== key || held.isRunning || held.isRetiring) continue;
      held.isRunning = true;
      return this.tellState(containerId, held);
    }
    this.waiting.set(key, (this.waiting.get(key) ?? 0) + 1);
    this.tellDemand(key);
  }

  /** The run in that container ends, well or because the container is no more. */
  finish(containerId: string, isContainerFine: boolean): void {
    const held = this.held.get(containerId);
    if (!held?.isRunning) return;
    this.served += 1;
    if (!isContainerFine) {
      this.held.delete(containerId);
      return this.say({ $case: 'removed', value: { containerId, grantId: held.grantId, reason: 'broke' } });
    }
    if (held.isRetiring) return this.giveUp(containerId, held);
    held.isRunning = false;
    this.use(containerId, held);
  }

  private use(containerId: string, held: Held): void {
    const waiting = this.waiting.get(held.key) ?? 0;
    if (waiting > 0) {
      held.isRunning = true;
      if (waiting === 1) this.waiting.delete(held.key);
      else this.waiting.set(held.key, waiting - 1);
      this.tellDemand(held.key);
    } else this.tellState(containerId, held);
  }

  private giveUp(containerId: string, { grantId }: Held): void {
    this.held.delete(containerId);
    this.say({ $case: 'drained', value: { containerId, grantId } });
  }

  // ---- what it hears ----

  hear({ number, epoch, body }: shareStates.SchedulerMessage): void {
    this.lastSeen = number;
    if (epoch < this.epoch) throw new Error(`${this.id}: a message of epoch ${epoch} after ${this.epoch}`);
    this.epoch = epoch;
    switch (body?.$case) {
      case 'grant':
        return this.granted(body.value);
      case 'reclaim':
        return this.asked(body.value, (id, held) => {
          if (held.isRunning) this.say({ $case: 'kept', value: { containerId: id, grantId: held.grantId } });
          else this.giveUp(id, held);
        });
      case 'retire':
        return this.asked(body.value, (id, held) => {
          if (held.isRunning) held.isRetiring = true;
          else this.giveUp(id, held);
        });
      case 'gone':
        if (this.held.get(body.value.containerId)?.grantId === body.value.grantId)
          this.held.delete(body.value.containerId);
        return;
      case 'failed':
        this.waiting.delete(body.value.actionKey);
        return this.tellDemand(body.value.actionKey);
      case 'superseded':
        this.isDead = true;
        return;
      case 'report':
        for (const [id, held] of this.held) if (!held.isRunning) this.tellState(id, held);
        return;
      default:
        return;
    }
  }

  private granted({ container, grantId, actionKey, start }: shareStates.Grant): void {
    const { id } = container!;
    if (start !== shareStates.Start.WARM && !this.waiting.has(actionKey)) {
      return this.say({ $case: 'drained', value: { containerId: id, grantId } });
    }
    const held: Held = { grantId, key: actionKey, isRunning: false, isRetiring: false };
    this.held.set(id, held);
    this.use(id, held);
  }

  private asked(
    { containerId, grantId }: { containerId: string; grantId: string },
    answer: (id: string, held: Held) => void,
  ): void {
    const held = this.held.get(containerId);
    if (held?.grantId === grantId) answer(containerId, held);
    else this.say({ $case: 'drained', value: { containerId, grantId } });
  }
}
