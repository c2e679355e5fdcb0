// Keeps the apps of one machine: starts them all at once, restarts those that die, stops them one after the other.
//
// Guarantees: `start` resolves when every app is ready, and otherwise rejects with the first failure; `stop` ends the apps in the order
// in which they were given (controller, scheduler, agent: first who takes work, last who holds the containers) and resolves when none runs.
import type { ProcessIdentity, SiblingMessage } from '#lifecycle';
import type { Limits } from '#limits';
import type { Program } from './app-process';
import { KeptApp, type KeptAppEvents } from './kept-app';
import { SharedPort } from './shared-port';
import { type Outgoing, SiblingNotes } from './sibling-notes';

export interface Shared {
  readonly listener: string;
  /** Of the programs that share it. */
  readonly names: readonly string[];
}

export class Supervisor {
  private readonly apps: readonly KeptApp[];

  /** Those that share a port, and what they tell each other. */
  private readonly siblings: readonly KeptApp[];
  private readonly notes = new SiblingNotes();
  private port: SharedPort | undefined;

  /** `shared`: host:port that the programs of these names share. */
  constructor(
    programsInStopOrder: readonly Program[],
    private readonly limits: Limits,
    events: KeptAppEvents,
    private readonly shared?: Shared,
  ) {
    const kept: KeptAppEvents = {
      ...events,
      onReaped: (program, details) => {
        this.pass(this.notes.gone(program.name));
        return events.onReaped(program, details);
      },
      onSibling: (app, message) => this.heard(app, message),
    };
    this.apps = programsInStopOrder.map((program) => new KeptApp(program, limits, kept));
    this.siblings = this.apps.filter(({ name }) => shared?.names.includes(name));
  }

  async start(): Promise<void> {
    if (this.shared) this.port = await SharedPort.open(this.shared.listener, this.siblings, this.limits);
    await Promise.all(this.apps.map((app) => app.start()));
  }

  private heard({ name }: KeptApp, message: SiblingMessage): void {
    if (message.type === 'note') this.pass(this.notes.told(name, message.id, message.note, this.listeners()));
    else if (message.type === 'heard') this.pass(this.notes.heard(name, message.id));
  }

  private listeners(): { ready: string[]; starting: string[] } {
    const living = this.siblings.filter(({ identity }) => identity !== undefined);
    const namesOf = (isReady: boolean): string[] =>
      living.filter((app) => app.isReady === isReady).map((app) => app.name);
    return { ready: namesOf(true), starting: namesOf(false) };
  }

  private pass(outgoing: readonly Outgoing[]): void {
    for (const { to, message } of outgoing) this.siblings.find(({ name }) => name === to)?.tell(message);
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
    await this.port?.end();
    await Promise.all(this.siblings.map((app) => app.stop()));
    for (const app of this.apps) await app.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const app of this.apps) app.kill();
  }
}
