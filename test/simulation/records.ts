// What becomes of activations in writing: the journal of each controller, which outlives its process, and the store, which they share.
//
// Every id that a client was told must end as a record there, once everybody is back; what nobody was told may be lost with its controller.
import { Chain, type Link } from './chain';
import type { Controller } from './controller';
import type { Invocation } from './invocation';
import type { Claim, StoredRecord } from './store';
import type { World } from './world';

/** What is written of one invocation, which keeps it. */
export class Entry {
  /** Among those that are not dropped. */
  link: Link<Entry> | undefined = undefined;
  /** Of a record that is owed: when nothing can be running any more. */
  overAt: number | undefined = undefined;
  /** Of a record: how it ended, and the row of the queue that it settles. */
  how: string | undefined = undefined;
  settles: Claim | undefined = undefined;

  constructor(
    readonly life: number,
    readonly activation: string,
  ) {}
}

/** A record, and what is dropped once it is stored. */
interface Written extends StoredRecord {
  readonly entry: Entry;
}

const runsMostMs = 10_000;
/** As the recorder's. */
const retryMs = 100;
const retryMsMost = 1_600;

/** The journals on one controller's disk. */
export class Journal {
  private readonly entries = new Chain<Entry>();
  /** Records that wait for others to be stored with. */
  private waiting: Written[] = [];
  private waitingLife = 0;

  constructor(private readonly controller: Controller) {}

  /** The record, then whoever waits, then the store. */
  record(invocation: Invocation, how: string): void {
    const { controller } = this;
    const { world } = controller;
    const { activation, settlement, claim } = invocation;
    const entry = this.entry(invocation);
    entry.how = how;
    entry.settles = claim;
    if (settlement.told()) world.records.tell(activation);
    const record = { activation, how, settles: claim, entry };
    if (this.waitingLife === controller.life && this.waiting.length > 0) {
      this.waiting.push(record);
      return;
    }
    this.waiting = [record];
    this.waitingLife = controller.life;
    controller.after(world.timings.recordMs(world.chance), () => {
      const { waiting } = this;
      this.waiting = [];
      this.store(waiting);
    });
  }

  private entry(invocation: Invocation): Entry {
    if (invocation.written) return invocation.written;
    const entry = new Entry(this.controller.life, invocation.activation);
    entry.link = this.entries.add(entry);
    invocation.written = entry;
    return entry;
  }

  /** Another controller has the record. */
  keptElsewhere({ activation, settlement, written }: Invocation): void {
    written?.link?.remove();
    if (settlement.told()) this.controller.world.records.tell(activation);
  }

  owe(invocation: Invocation): void {
    const { world } = this.controller;
    this.entry(invocation).overAt = world.queue.now + world.limits.overflowWaitMs + runsMostMs;
    world.records.tell(invocation.activation);
  }

  /** A new life stores what those before it left, and goes on once that is done. */
  replay(done: () => void): void {
    const { controller } = this;
    const left = this.entries.all().filter(({ life }) => life < controller.life);
    const found = left.flatMap((entry) => {
      const { activation, how, settles } = entry;
      return how === undefined ? [] : [{ activation, how, settles, entry }];
    });
    this.store(found, () => {
      for (const entry of left) {
        const { activation, overAt, how, link } = entry;
        if (overAt === undefined || how !== undefined) continue;
        if (controller.world.records.has(activation)) {
          link?.remove();
          continue;
        }
        const inMs = Math.max(0, overAt - controller.world.queue.now);
        controller.after(inMs, () => this.store([{ activation, how: 'its controller was lost', entry }]));
      }
      done();
    });
  }

  /** Until the store has them. */
  private store(records: readonly Written[], done?: () => void, waitMs = retryMs): void {
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
        for (const { entry } of records) entry.link?.remove();
        done?.();
      },
    );
  }
}

/** A client that did not wait, and wants to know. */
export interface Follower {
  /** It has the id. */
  told(): void;
  refused(): void;
  /** An attempt ended; the last one before `stored` is what became of it. */
  ended(invocation: Invocation, how: string): void;
  /** Its record can be read. */
  stored(): void;
}

export class Records {
  private readonly followers = new Map<string, Follower>();
  /** Ids that clients know, and of which there is no record yet. */
  private readonly told = new Set<string>();
  readonly counts = { told: 0, stored: 0 };

  constructor(private readonly world: World) {}

  has(activation: string): boolean {
    return this.world.store.records.has(activation);
  }

  follow(activation: string, follower: Follower): void {
    this.followers.set(activation, follower);
  }

  refused(activation: string): void {
    this.followers.get(activation)?.refused();
    this.followers.delete(activation);
  }

  ended(invocation: Invocation, how: string): void {
    this.followers.get(invocation.activation)?.ended(invocation, how);
  }

  tell(activation: string): void {
    this.counts.told += 1;
    this.followers.get(activation)?.told();
    if (this.world.watch === 'steps' && !this.has(activation)) this.told.add(activation);
  }

  /** The store has it, for the first time. */
  stored(activation: string, how: string): void {
    this.told.delete(activation);
    this.counts.stored += 1;
    this.followers.get(activation)?.stored();
    this.followers.delete(activation);
    this.world.transcript.say('store', `has ${activation}: ${how}`);
  }

  /** One of which a client knows and the store does not. */
  get missing(): string | undefined {
    const [activation] = this.told;
    return activation;
  }
}
