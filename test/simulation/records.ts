// What becomes of activations in writing: the journal of each controller, which outlives its process, and the store, which they share.
//
// Every id that a client was told must end as a record there, once everybody is back; what nobody was told may be lost with its controller.
import type { Controller } from './controller';
import type { Invocation } from './invocation';
import type { World } from './world';

interface Entry {
  readonly life: number;
  readonly activation: string;
  /** Of a record that is owed: when nothing can be running any more. */
  readonly overAt?: number;
  /** Of a record: how it ended. */
  readonly how?: string;
}

const runsMostMs = 10_000;

/** The journals on one controller's disk. */
export class Journal {
  private entries: Entry[] = [];

  constructor(private readonly controller: Controller) {}

  /** The record, then whoever waits, then the store. */
  record({ activation, settlement }: Invocation, how: string): void {
    const { controller } = this;
    const { records, chance } = controller.world;
    this.entries.push({ life: controller.life, activation, how });
    if (settlement.told()) records.tell(activation);
    controller.after(chance.skewed(20, 2_000), () => this.store(activation, how));
  }

  /** Another controller has the record. */
  keptElsewhere({ activation, settlement }: Invocation): void {
    this.drop(activation);
    if (settlement.told()) this.controller.world.records.tell(activation);
  }

  owe({ activation }: Invocation): void {
    const { controller } = this;
    const { world } = controller;
    const overAt = world.queue.now + world.limits.overflowWaitMs + runsMostMs;
    this.entries.push({ life: controller.life, activation, overAt });
    world.records.tell(activation);
  }

  /** A new life reads what those before it left. */
  replay(): void {
    const { controller } = this;
    const left = this.entries.filter(({ life }) => life < controller.life);
    for (const { activation, how } of left) if (how !== undefined) this.store(activation, how);
    const owed = left.filter(({ activation }) => !controller.world.records.has(activation));
    for (const { activation, overAt = 0 } of owed) {
      const inMs = Math.max(0, overAt - controller.world.queue.now);
      controller.after(inMs, () => this.store(activation, 'its controller was lost'));
    }
  }

  private store(activation: string, how: string): void {
    this.controller.world.records.store(activation, how);
    this.drop(activation);
  }

  private drop(activation: string): void {
    this.entries = this.entries.filter((entry) => entry.activation !== activation);
  }
}

export class Records {
  private readonly stored = new Map<string, string>();
  /** Ids that clients know, and of which there is no record yet. */
  private readonly told = new Set<string>();
  readonly counts = { told: 0, stored: 0 };

  constructor(private readonly world: World) {}

  has(activation: string): boolean {
    return this.stored.has(activation);
  }

  tell(activation: string): void {
    this.counts.told += 1;
    if (!this.stored.has(activation)) this.told.add(activation);
  }

  /** The first one wins. */
  store(activation: string, how: string): void {
    if (this.stored.has(activation)) return;
    this.stored.set(activation, how);
    this.told.delete(activation);
    this.counts.stored += 1;
    this.world.transcript.say('store', `has ${activation}: ${how}`);
  }

  /** One of which a client knows and the store does not. */
  get missing(): string | undefined {
    const [activation] = this.told;
    return activation;
  }
}
