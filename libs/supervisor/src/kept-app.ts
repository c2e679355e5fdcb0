// One app over all of its lives: started, watched, started again with back-off after a death, stopped.
//
// Guarantees: at most one process at a time; a first start that fails is not repeated but reported to the caller; once `stop` or `kill` was called
// nothing is started any more, nor after an end that says that settings have to be changed first. After each unexpected death `onReaped` has run before the next start, so that it can clean up for it.
import { systemClock } from '#clock';
import { badSettingsExitCode } from '#config';
import type { Socket } from 'node:net';
import type { ProcessIdentity, ReadyDetails, SiblingMessage, SupervisorMessage } from '#lifecycle';
import type { Limits } from '#limits';
import { AppProcess, type Ending, type Program } from './app-process';
import { BackOff } from './back-off';

/** How an app ends that would end in the same way again. */
const finalEnding: Ending = `exit code ${badSettingsExitCode}`;

export interface KeptAppEvents {
  say(line: string): void;
  /** A process began or ended, or became ready. */
  onChange(): void;
  /** Runs after each unexpected death, with what the app had said of itself. Must not reject. */
  onReaped(program: Program, details: ReadyDetails | undefined): Promise<void>;
  /** One of several says something to the others. */
  onSibling?(app: KeptApp, message: SiblingMessage): void;
}

export class KeptApp {
  private current: AppProcess | undefined;
  private stopping = false;
  private wake: (() => void) | undefined;
  private readonly backOff: BackOff;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly program: Program,
    private readonly limits: Limits,
    private readonly events: KeptAppEvents,
  ) {
    this.backOff = new BackOff(limits);
  }

  get name(): string {
    return this.program.name;
  }

  /** Of the process that runs now. */
  get identity(): ProcessIdentity | undefined {
    return this.current?.identity;
  }

  get isReady(): boolean {
    return this.current?.details !== undefined;
  }

  /** Whether its process takes this connection of a shared port. */
  hand(socket: Socket): boolean {
    return this.current?.hand(socket, this.limits.handedConnectionsCount) ?? false;
  }

  tell(message: SupervisorMessage): void {
    this.current?.say(message);
  }

  /** Resolves when the app is ready for the first time; rejects with StartFailure if it will not be. */
  async start(): Promise<void> {
    const first = this.live();
    await first.ready;
    this.events.onChange();
    this.keeping = this.keep(first, systemClock.now());
  }

  private live(): AppProcess {
    const process = new AppProcess(this.program, this.limits.startTimeoutMs, (message) =>
      this.events.onSibling?.(this, message),
    );
    this.current = process;
    this.events.onChange();
    return process;
  }

  /** Watches one life after the other. */
  private async keep(first: AppProcess, startedAt: number): Promise<void> {
    let process = first;
    let aliveSince = startedAt;
    for (;;) {
      const ending = await process.ended;
      this.current = undefined;
      this.events.onChange();
      if (this.stopping) return;
      if (ending === finalEnding) {
        this.events.say(`${this.name}: ended and is not started again (it says above what has to be changed)`);
        return this.events.onReaped(this.program, process.details);
      }
      const waitMs = this.backOff.afterLife(systemClock.now() - aliveSince);
      this.events.say(`${this.name}: died (${ending}); starting it again in ${waitMs / 1_000} s`);
      await Promise.all([this.events.onReaped(this.program, process.details), this.pause(waitMs)]);
      if (this.mayNotLive()) return;
      aliveSince = systemClock.now();
      process = this.live();
      await this.again(process, aliveSince);
    }
  }

  /** `stop` can be called at any await; asked through a method since the compiler does not know that. */
  private mayNotLive(): boolean {
    return this.stopping;
  }

  /** Reports how a later start went; one that fails ends its process, so that the watch goes on. */
  private async again(process: AppProcess, since: number): Promise<void> {
    try {
      await process.ready;
      this.events.say(`${this.name}: ready again (after ${((systemClock.now() - since) / 1_000).toFixed(1)} s)`);
      this.events.onChange();
    } catch (error) {
      if (this.mayNotLive()) return;
      if (process.lastWords === undefined) this.events.say(error instanceof Error ? error.message : String(error));
      process.signal('SIGKILL');
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** From now on a death is final. */
  letDie(): void {
    this.stopping = true;
    this.wake?.();
  }

  /** Ends the app for good; resolves once nothing of it runs and it was cleaned up after. */
  async stop(): Promise<void> {
    this.letDie();
    const process = this.current;
    if (process !== undefined) {
      await process.stop(this.limits.stopWaitMs, (line) => this.events.say(line));
      this.current = undefined;
      this.events.onChange();
    }
    await this.keeping;
  }

  /** Ends the app at once. */
  kill(): void {
    this.letDie();
    this.current?.signal('SIGKILL');
  }
}
