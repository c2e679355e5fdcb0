// What PostgreSQL and the way to it refuse, as StoreErrors: the one place that knows SQLSTATEs.
//
// Pure. A connection that failed is `isBroken`: nobody knows what state the other end is in, so it is thrown away.
import { StoreError } from '../errors';

/** Shut down, starting, out of connections, memory or disk, failing disk, read-only standby, deadlock, time-out: it cannot do it now. */
const unavailable = /^(08|53|57P|57014|58|40001|40P01|55P03|25006|28|3D000|0A000)/;
const corrupt = /^XX00[12]/;
/** Not this statement was refused, but everything on this connection. */
const lost = /^(08|57P|28|3D000)/;
/** What will be refused in the same way until somebody changes a setting: credentials, database, rights, certificates. */
const forGood = /^(28|3D000|42501|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS)/;
/** How `pg` says that there is no connection. */
const noConnection = /^Connection terminated|timeout|not queryable|connection error|server does not support SSL/i;
const sqlState = /^[0-9A-Z]{5}$/;

interface Refusal {
  readonly code?: string;
  readonly syscall?: string;
  readonly message: string;
}

/** `isBroken`: the connection must not be used again. */
export function translated(error: unknown): { error: Error; isBroken: boolean } {
  if (error instanceof StoreError) return { error, isBroken: false };
  if (!(error instanceof Error)) return { error: new Error(String(error)), isBroken: true };
  const { code = '', message } = error as Refusal;
  if (sqlState.test(code)) {
    if (unavailable.test(code)) return { error: cannotNow(error), isBroken: lost.test(code) };
    if (!corrupt.test(code)) return { error, isBroken: false };
    const sentence = `the database cannot be read: ${message}.`;
    return { error: new StoreError('corrupt', sentence, { cause: error }), isBroken: false };
  }
  if (code !== '' || noConnection.test(message) || error instanceof AggregateError)
    return { error: cannotNow(error), isBroken: true };
  return { error, isBroken: false };
}

/** Whether trying again is of no use. */
export function isForGood(error: unknown): boolean {
  const { code = '', syscall } = ((error as Error).cause ?? error) as Refusal;
  // A file of certificates that cannot be opened; a socket that is not there yet says the same of `connect`.
  return forGood.test(code) || syscall === 'open';
}

function cannotNow(error: Error & Refusal): StoreError {
  // A name with several addresses fails with one error for each and no sentence of its own.
  const { message } = error instanceof AggregateError ? ((error.errors[0] as Error | undefined) ?? error) : error;
  const sentence = `the database cannot do it now: ${message || (error.code ?? 'no reason given')}.`;
  return new StoreError('unavailable', sentence, { cause: error });
}
