// What becomes of activations in writing: the journal of each controller, which outlives its process, and the store, which they share.
//
// Every id that a client was told must end as a record there, once everybody is back; what nobody was told may be lost with its controller.
import type { Controller } from './controller';
import type { Invocation } from './invocation';
import type { Claim, StoredRecord } from './store';
import type { World } from './world';

interface Entry {
  readonly life: number;
  readonly activation: string;
  /** Of a record that is owed: when nothing can be running any more. */
  readonly overAt?: number;
  /** Of a record: how it ended, and the row of the queue that it settles. */
  readonly how?: string;
  readonly settles?: Claim | undefined;
}

const runsMostMs = 10_000;
/** As the recorder's. */
const retryMs = 100;
const retryMsMost = 1_600;

/** The journals on one controller's disk. */
export class Journal {
  private entries: Entry[] = [];

  constructor(private readonly controller: Controller) {}

  /** The record, then whoever waits, then the store. */
  record({ activation, settlement, claim }: Invocation, how: string): void {
    const { controller } = this;
    const { records, chance } = controller.world;
    this.entries.push({ life: controller.life, activation, how, settles: claim });
    if (settlement.told()) records.tell(activation);
    controller.after(chance.skewed(20, 2_000), () => this.store([{ activation, how, settles: claim }]));
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

  /** A new life stores what those before it left, and goes on once that is done. */
  replay(done: () => void): void {
    const { controller } = this;
    const left = this.entries.filter(({ life }) => life < controller.life);
    const found = left.flatMap(({ activation, how, settles }) =>
      how === undefined ? [] : [{ activation, how, settles }],
    );
    this.store(found, () => {
      for (const { activation, overAt } of left) {
        if (overAt === undefined) continue;
        if (controller.world.records.has(activation)) {
          this.drop(activation);
          continue;
        }
        const inMs = Math.max(0, overAt - controller.world.queue.now);
        controller.after(inMs, () => this.store([{ activation, how: 'its controller was lost' }]));
      }
      done();
    });
  }

  /** Until the store has them. */
  private store(records: readonly StoredRecord[], done?: () => void, waitMs = retryMs): void {
    const { controller } = this;
    if (records.length === 0) return done?.();
    controller.world.store.ask(
      controller,
      (store) => store.insert(records),
      (answer) => {
        if (!answer) {
          const nextMs = Math.min(2 * waitMs, retryMsMost);
          return controller.after(waitMs, () => this.store(records, done, nextMs));
        }
        for (const { activation } of records) this.drop(activation);
        done?.();
      },
    );
  }

  private drop(activation: string): void {
    this.entries = this.entries.filter((entry) => entry.activation !== activation);
  }
}

export class Records {
  /** Ids that clients know, and of which there is no record yet. */
  private readonly told = new Set<string>();
  readonly counts = { told: 0, stored: 0 };

  constructor(private readonly world: World) {}

  has(activation: string): boolean {
    return this.world.store.records.has(activation);
  }

  tell(activation: string): void {
    this.counts.told += 1;
    if (!this.has(activation)) this.told.add(activation);
  }

  /** The store has it, for the first time. */
  stored(activation: string, how: string): void {
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
