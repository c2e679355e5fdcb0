// The signals that stop Hearth. The first asks for an orderly stop; a later SIGINT or SIGTERM of a user who has lost patience forces it.
//
// npm passes the terminal's SIGINT on to a process that has received it from the terminal already, so a second one is only believed
// once `echoMs` have passed.

import { systemClock } from '#clock';

const echoMs = 1_000;
const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class StopSignals {
  /** Resolves with the name of the first signal. */
  readonly stop: Promise<NodeJS.Signals>;
  private readonly handle: (signal: NodeJS.Signals) => void;
  private force: () => void = () => undefined;

  constructor() {
    let first: number | undefined;
    let resolveStop: (signal: NodeJS.Signals) => void;
    this.stop = new Promise((resolve) => (resolveStop = resolve));
    this.handle = (signal) => {
      if (first === undefined) {
        first = systemClock.now();
        resolveStop(signal);
      } else if (systemClock.now() - first > echoMs) {
        this.force();
      }
    };
    for (const name of names) process.on(name, this.handle);
  }

  /** What a second signal does. */
  onForce(force: () => void): void {
    this.force = force;
  }

  close(): void {
    for (const name of names) process.off(name, this.handle);
  }
}
