// Keeps the apps of one machine: starts them all at once, restarts those that die, stops them one after the other.
//
// Guarantees: `start` resolves when every app is ready, and otherwise rejects with the first failure; `stop` ends the apps in the order
// in which they were given (controller, scheduler, agent: first who takes work, last who holds the containers) and resolves when none runs.
import type { ProcessIdentity } from '#lifecycle';
import type { Limits } from '#limits';
import type { Program } from './app-process';
import { KeptApp, type KeptAppEvents } from './kept-app';

export class Supervisor {
  private readonly apps: readonly KeptApp[];

  constructor(programsInStopOrder: readonly Program[], limits: Limits, events: KeptAppEvents) {
    this.apps = programsInStopOrder.map((program) => new KeptApp(program, limits, events));
  }

  async start(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.start()));
  }

  /** What runs now, by name. */
  running(): Record<string, ProcessIdentity> {
    return Object.fromEntries(
      this.apps.flatMap((app) => (app.identity === undefined ? [] : [[app.name, app.identity]])),
    );
  }

  get isReady(): boolean {
    return this.apps.every((app) => app.isReady);
  }

  async stop(): Promise<void> {
    for (const app of this.apps) app.letDie();
    for (const app of this.apps) await app.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const app of this.apps) app.kill();
  }
}
