// How an app process lives and ends, the same for all three apps.
//
// Guarantees: under a supervisor (an IPC channel is there) the app ignores the terminal's SIGINT and SIGHUP, says `ready` or `fatal` over
// the channel, and stops when the supervisor vanishes. SIGTERM stops it in order, once; a stop that takes longer than `stopTimeoutMs` ends in exit code 1.
// A start that fails leaves one sentence on stderr and a non-zero exit.
import { BadSettings, badSettingsExitCode } from '#config';
import type { Logger } from '#telemetry';
import { forgetStart } from './forget-start';
import { helpersYield } from './helpers-yield';
import type { SiblingMessage } from './siblings';

export * from './collect-early';
export * from './end-listening';
export * from './helpers-yield';
export * from './process-identity';
export * from './siblings';

/** What a child tells its supervisor. */
export type ChildMessage = ({ type: 'ready' } & ReadyDetails) | { type: 'fatal'; sentence: string } | SiblingMessage;

/** What a supervisor must know of an app to clean up after it: the use leases of a controller that it reaped name both. */
export interface ReadyDetails {
  controllerId?: string;
  /** Decimal, as in the agent's routes. */
  incarnation?: string;
}

const stopTimeoutMs = 15_000;

export interface App {
  /** Stops taking work, finishes what runs, closes everything. */
  stop(): Promise<void>;
}

/** Tells the supervisor that this app could serve now. Does nothing without one. */
export function sayReady(details: ReadyDetails = {}): void {
  tell({ type: 'ready', ...details });
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/** Ends this process with a sentence that says what an operator has to change; whoever supervises it does not start it again. */
export function endForGood(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  tell({ type: 'fatal', sentence });
  process.exit(badSettingsExitCode);
}

/** Turns what commonly goes wrong at a start into one sentence: what was tried, what was found, what to do. */
export function startFailure(app: string, error: unknown): string {
  if (error instanceof BadSettings) return `${app}: bad settings. ${error.message.replaceAll('\n', ' ')}`;
  const { code, address, port, path, message } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `${app}: cannot listen on ${address}:${port}, another process does; stop it or choose another port.`;
  if (code === 'EACCES' && port !== undefined)
    return `${app}: may not listen on ${address}:${port}; choose a port above 1024.`;
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return `${app}: cannot write ${path ?? 'the data directory'}; make it writable or choose another with HEARTH_DATA_DIR.`;
  }
  return `${app}: cannot start: ${message ?? String(error)}`;
}

/** Runs an app until it is told to stop. Does not return before the process ends its start. */
export async function runApp(name: string, logger: Logger, start: () => Promise<App>): Promise<void> {
  const refusal = helpersYield();
  if (refusal !== undefined) logger.debug({ err: refusal }, `${name}: V8's helpers keep their priority`);
  let app: App | undefined;
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info(`${name}: stopping (${why})`);
    const overdue = setTimeout(() => {
      logger.error(`${name}: did not stop within ${stopTimeoutMs} ms`);
      process.exit(1);
    }, stopTimeoutMs);
    void (app?.stop() ?? Promise.resolve()).then(
      () => {
        clearTimeout(overdue);
        logger.info(`${name}: stopped`);
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, `${name}: stop failed`);
        process.exit(1);
      },
    );
  };
  if (process.connected) {
    process.on('SIGINT', () => undefined);
    process.on('SIGHUP', () => undefined);
    process.on('disconnect', () => stop('the supervisor vanished'));
  } else {
    process.on('SIGINT', () => stop('SIGINT'));
  }
  process.on('SIGTERM', () => stop('SIGTERM'));
  try {
    app = await start();
    forgetStart();
  } catch (error) {
    const sentence = startFailure(name, error);
    logger.debug({ err: error }, `${name}: start failed`);
    process.stderr.write(`${sentence}\n`);
    tell({ type: 'fatal', sentence });
    process.exit(error instanceof BadSettings ? badSettingsExitCode : 1);
  }
}
