// One life of one app: a child process with an IPC channel.
//
// Guarantees: `ready` settles once, by the app's own word, by its death, or by a time-out; `ended` resolves once the process is reaped; `stop` always
// ends the process, by SIGKILL if it does not end by itself in time (which also ends a frozen one).
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import {
  type ChildMessage,
  identify,
  type ProcessIdentity,
  type ReadyDetails,
  type SiblingMessage,
  type SupervisorMessage,
} from '#lifecycle';
import { StartFailure } from './start-failure';

export interface Program {
  readonly name: string;
  /** Path of the compiled script. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a process ended, in words: `exit code 3` or `SIGKILL`. */
export type Ending = string;

export class AppProcess {
  readonly identity: ProcessIdentity | undefined;
  readonly ready: Promise<ReadyDetails>;
  readonly ended: Promise<Ending>;
  /** What the app said of itself when it became ready. */
  details: ReadyDetails | undefined;
  /** Its own sentence about why it cannot start; it has written that to stderr itself. */
  lastWords: string | undefined;
  private readonly child: ChildProcess;
  private isRetired = false;
  /** Connections on their way to it. */
  private handedCount = 0;

  constructor(
    private readonly program: Program,
    startTimeoutMs: number,
    /** What it says to its siblings. */
    private readonly onSibling: (message: SiblingMessage) => void = () => undefined,
  ) {
    // What an app writes goes straight to the terminal, so that its last words arrive even if the supervisor dies first.
    const stdio: ('ignore' | 2 | 'ipc')[] = ['ignore', 2, 2, 'ipc'];
    this.child = fork(program.script, [], { env: program.env, execArgv: [], stdio });
    this.identity = this.child.pid === undefined ? undefined : identify(this.child.pid);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => {
        if (this.child.pid === undefined) resolve(error.message);
      });
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.ready = this.awaitReady(startTimeoutMs);
  }

  private awaitReady(startTimeoutMs: number): Promise<ReadyDetails> {
    const { name } = this.program;
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(
        () =>
          reject(
            new StartFailure(
              `${name}: was not ready within ${startTimeoutMs} ms; LOG_LEVEL=debug shows what it waits for.`,
            ),
          ),
        startTimeoutMs,
      );
      this.child.on('message', (message: ChildMessage) => {
        if (message.type === 'fatal') {
          this.lastWords = message.sentence;
          return;
        }
        if (message.type === 'retired') this.isRetired = true;
        if (message.type !== 'ready') return this.onSibling(message);
        clearTimeout(overdue);
        const { controllerId, incarnation } = message;
        this.details = { controllerId, incarnation };
        resolve(this.details);
      });
      void this.ended.then((ending) => {
        clearTimeout(overdue);
        reject(
          this.lastWords === undefined
            ? new StartFailure(`${name}: ended before it was ready (${ending}); what it wrote is above.`)
            : new StartFailure(this.lastWords, true),
        );
      });
    });
  }

  /** Gives it a connection; false if it does not take one, or `handedMost` are on their way. One that dies with it is closed. */
  hand(socket: Socket, handedMost: number): boolean {
    if (this.isRetired || !this.child.connected || this.handedCount >= handedMost) return false;
    this.handedCount += 1;
    this.child.send({ type: 'connection' } satisfies SupervisorMessage, socket, {}, (error) => {
      this.handedCount -= 1;
      if (error) socket.destroy();
    });
    return true;
  }

  say(message: SupervisorMessage): void {
    if (this.child.connected) this.child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** SIGTERM, and SIGKILL if that does not end it in time. */
  async stop(waitMs: number, say: (line: string) => void): Promise<void> {
    this.signal('SIGTERM');
    const overdue = setTimeout(() => {
      say(`${this.program.name}: killed (it did not stop within ${waitMs} ms)`);
      this.signal('SIGKILL');
    }, waitMs);
    await this.ended;
    clearTimeout(overdue);
  }
}
