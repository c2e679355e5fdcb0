// The one place that maps outcomes to HTTP. Plain: Nest's routes and the raw invoke route answer through it alike.
//
// Guarantee: every error body is `{"code": <transaction id>, "error": <sentence>}`; what is not a Rejection is a defect or a failing
// store, is logged once, and answers 500 without details.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Rejection, rejections } from '#entity';
import { StoreError } from '#store';
import type { Logger } from '#telemetry';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const transactionHeader = 'x-request-id';
export const activationHeader = 'x-openwhisk-activation-id';

/** On everything that was produced after parsing succeeded. */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
  'access-control-allow-methods': 'GET, DELETE, POST, PUT, HEAD',
};

export const jsonType = 'application/json';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 32 characters, random but no secret. One draw of randomness serves many: it is on the hot path. */
const pool = { bytes: Buffer.alloc(0), used: 0 };
function freshTransactionId(): string {
  if (pool.used + 32 > pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  let id = '';
  for (let end = pool.used + 32; pool.used < end; pool.used++) id += letters[pool.bytes[pool.used]! % letters.length]!;
  return id;
}

/** The caller's transaction id, or a fresh one. Ids that start with `sid_` are the system's own. */
export function transactionId(headers: IncomingHttpHeaders): string {
  const given = headers[transactionHeader];
  return typeof given === 'string' && given !== '' && !given.startsWith('sid_') ? given : freshTransactionId();
}

/** An answer in JSON after parsing succeeded. */
export function jsonReply(status: number, body: Buffer, transaction: string): Reply {
  return { status, headers: { ...corsHeaders, [transactionHeader]: transaction, 'content-type': jsonType }, body };
}

export function rejectionReply(rejection: Rejection, transaction: string): Reply {
  return {
    status: rejection.status,
    headers: {
      [transactionHeader]: transaction,
      ...(rejection.cors ? corsHeaders : {}),
      ...rejection.headers,
      'content-type': jsonType,
    },
    body: Buffer.from(JSON.stringify({ code: transaction, error: rejection.message })),
  };
}

/** What a store refuses, in the words of the API; everything else becomes 500. */
export function asRejection(error: unknown): Rejection | undefined {
  if (error instanceof Rejection) return error;
  if (!(error instanceof StoreError)) return undefined;
  if (error.code === 'exists') return rejections.exists();
  if (error.code === 'conflict') return rejections.conflict();
  // That it is away was said once, by the store itself.
  if (error.code === 'unavailable' || error.code === 'closed') return rejections.serverUnavailable();
  return undefined;
}

/** Any error as a refusal; what is none is logged. */
export function refusalOf(error: unknown, transaction: string, logger: Logger): Rejection {
  const rejection = asRejection(error);
  if (rejection !== undefined) return rejection;
  logger.error({ err: error, transactionId: transaction }, 'request: failed (unexpected error)');
  const isCorrupt = error instanceof StoreError && error.code === 'corrupt';
  return isCorrupt ? rejections.corrupt() : rejections.internalError();
}

/** Any error as an answer. */
export function errorReply(error: unknown, transaction: string, logger: Logger): Reply {
  return rejectionReply(refusalOf(error, transaction, logger), transaction);
}
