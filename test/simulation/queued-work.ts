// Non-blocking invocations of a simulated controller: the real claim window, settlement and retries, obeyed as queued-invocations.ts obeys
// them, over rows of the simulated store.
import { ClaimWindow } from '../../apps/controller/src/invoke/claim-window';
import { mayRunAgain } from '../../apps/controller/src/invoke/retries';
import type { Controller } from './controller';
import { type Action, Invocation } from './invocation';
import type { ClaimedRow, StartedRow, Store } from './store';

export class QueuedWork {
  private readonly window: ClaimWindow;
  private readonly owner: string;

  constructor(private readonly controller: Controller) {
    this.window = new ClaimWindow(controller.world.limits);
    this.owner = controller.title;
  }

  /** The client hears of its id once the row is stored. */
  accept(activation: string, action: Action, takesMs: number): void {
    const { controller } = this;
    const { records, limits } = controller.world;
    this.ask(
      (store) => store.enqueue({ activation, action, takesMs }, limits.queueRowsCount),
      (taken) => {
        if (taken !== true) {
          records.refused(activation);
          return controller.say(`refuses ${activation}: ${taken === undefined ? 'store failed' : 'full'}`);
        }
        controller.say(`accepts ${activation}`);
        records.tell(activation);
        this.wake();
      },
    );
  }

  /** Settles what dead incarnations left, then begins to claim. After the journal's replay. */
  start(): void {
    const { controller } = this;
    const { limits } = controller.world;
    const again = (): void => controller.after(limits.claimPollMs, () => this.start());
    this.ask(
      (store) => store.owners(),
      (owners) => {
        if (!owners) return again();
        const prefix = `${controller.controllerId}/`;
        const dead = owners.filter((owner) => owner.startsWith(prefix) && owner !== this.owner);
        if (dead.length === 0) return this.begin();
        this.settleStarted({ owners: dead }, (isSettled) => {
          if (!isSettled) return again();
          this.ask(
            (store) => store.releaseAll(dead),
            (released) => (released === undefined ? again() : this.begin()),
          );
        });
      },
    );
  }

  private begin(): void {
    const { controller } = this;
    const { claimPollMs, claimLeaseMs, sweepIntervalMs, sweepGraceMs } = controller.world.limits;
    controller.every(claimPollMs, () => this.wake());
    controller.every(claimLeaseMs / 3, () => this.renew());
    controller.every(sweepIntervalMs, () => this.settleStarted({ overdueGraceMs: sweepGraceMs }, () => undefined));
    this.wake();
  }

  // ---- claims ----

  wake(): void {
    const count = this.window.wake(this.ownContainers);
    if (count > 0) this.claim(count);
  }

  private get ownContainers(): number {
    return this.controller.path.balancer.warm.size;
  }

  private claim(count: number): void {
    this.ask(
      (store) => store.claim(this.owner, count, this.controller.world.limits.claimLeaseMs),
      (rows) => {
        if (!rows) return this.window.failed();
        this.window.took(rows.map(({ activation }) => activation));
        for (const row of rows) this.take(row);
        const next = this.window.next(this.ownContainers);
        if (next > 0) this.claim(next);
      },
    );
  }

  private take(row: ClaimedRow): void {
    const { controller } = this;
    const { world, path, now } = controller;
    const invocation: Invocation = new Invocation(
      row.activation,
      row.action,
      now - row.ageMs,
      world.limits.overflowWaitMs + Math.floor(row.ageMs),
      row.takesMs,
      'queue',
      (how) => world.records.ended(invocation, how),
      { owner: this.owner, attempt: row.attempt },
      { asked: row.action.retries, lost: row.lost },
    );
    controller.say(`takes ${row.activation} from the queue (attempt ${row.attempt})`);
    world.promises.accepted(controller, invocation);
    if (row.ageMs > world.limits.queueAgeMs) return path.settle(invocation, 'too old');
    if (path.balancer.submit(invocation, now)) return;
    world.promises.ended(controller, invocation, 'no room for it here');
    this.giveBack(invocation);
  }

  private renew(): void {
    if (this.window.size === 0) return;
    this.ask(
      (store) => store.renew(this.owner, this.controller.world.limits.claimLeaseMs),
      () => undefined,
    );
  }

  // ---- owner of its invocations ----

  finished({ activation }: Invocation): void {
    this.window.done(activation);
    this.wake();
  }

  /** If that fails, its claim runs out by itself. */
  giveBack({ activation, claim }: Invocation): void {
    this.ask(
      (store) => store.release(this.owner, activation, claim!.attempt),
      () => this.window.done(activation),
    );
  }

  again(invocation: Invocation, how: string): void {
    const { activation, claim } = invocation;
    this.ask(
      (store) => store.retry(this.owner, activation, claim!.attempt),
      (answer) => {
        if (answer === undefined) this.controller.journal.record(invocation, how);
        this.finished(invocation);
      },
    );
  }

  /** Rows that somebody started and will not settle. */
  private settleStarted(
    filter: { owners?: readonly string[]; overdueGraceMs?: number },
    done: (isSettled: boolean) => void,
  ): void {
    const { limits } = this.controller.world;
    this.ask(
      (store) => store.started(filter),
      (rows) => {
        if (!rows) return done(false);
        if (rows.length === 0) return done(true);
        const isAgain = ({ action, lost, ageMs }: StartedRow): boolean =>
          mayRunAgain({ asked: action.retries, lost }, ageMs, limits);
        const lost = rows.filter((row) => !isAgain(row));
        this.retryAll(rows.filter(isAgain), (isRetried) => {
          if (!isRetried) return done(false);
          const records = lost.map(({ activation, owner, attempt }) => ({
            activation,
            how: 'its controller was lost',
            settles: { owner, attempt },
          }));
          this.ask(
            (store) => store.insert(records),
            (stored) => (stored === undefined ? done(false) : this.settleStarted(filter, done)),
          );
        });
      },
    );
  }

  private retryAll([first, ...others]: readonly StartedRow[], done: (isDone: boolean) => void): void {
    if (!first) return done(true);
    this.ask(
      (store) => store.retry(first.owner, first.activation, first.attempt),
      (answer) => (answer === undefined ? done(false) : this.retryAll(others, done)),
    );
  }

  /** Null stands for an answer without a value. */
  private ask<T>(transaction: (store: Store) => T, done: (answer: T | null | undefined) => void): void {
    const { controller } = this;
    controller.world.store.ask(controller, transaction, (answer) => done(answer && (answer.value ?? null)));
  }
}
