// Logging (pino) and metrics (prom-client) of an app. Log sentences read *subject: what happened (why)* with fields beside them.
import pino from 'pino';

export type Logger = pino.Logger;

/** Writes JSON lines to stderr, synchronously, so that the last words of a dying process are not lost. Level from LOG_LEVEL, default info. */
export function createLogger(app: string, level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({ name: app, level, base: { app } }, pino.destination({ fd: 2, sync: true }));
}

export const silentLogger: Logger = pino({ level: 'silent' });
