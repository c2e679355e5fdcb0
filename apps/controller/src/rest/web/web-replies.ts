// The frame of every answer of a web action: ids, CORS, and errors as this part of OpenWhisk words them.
//
// Guarantees: nobody sees CORS headers or an activation id before the action is known to exist (compatibility notes, R5 and A32); what the
// action itself gives stands beside the defaults (A28); errors that are the API's own business (syntax, method, type) are as bare as elsewhere.
import type { IncomingHttpHeaders } from 'node:http';
import { prettyJson, type Rejection } from '#entity';
import type { WebResponse } from './web-response';

export const webMethods = 'GET, DELETE, POST, PUT, HEAD, OPTIONS, PATCH';
const corsMethods = 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH';
const corsHeaders = 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent';

/** Of an action that does not answer OPTIONS itself. The headers that a browser asks for are allowed. */
export function corsFields(headers: IncomingHttpHeaders): readonly string[] {
  const asked = headers['access-control-request-headers'];
  return [
    'access-control-allow-origin',
    '*',
    'access-control-allow-methods',
    corsMethods,
    'access-control-allow-headers',
    asked ?? corsHeaders,
  ];
}

export interface Frame {
  readonly transaction: string;
  /** Header fields, name and value in turn; empty before the action is known, or when it sets its own. */
  readonly cors: readonly string[];
  readonly activationId: string | undefined;
}

function frameFields({ transaction, cors, activationId }: Frame): string[] {
  const id = activationId === undefined ? [] : ['x-openwhisk-activation-id', activationId];
  return ['x-request-id', transaction, ...cors, ...id];
}

export function framed(frame: Frame, { status, headers, body }: WebResponse): WebResponse {
  return { status, headers: [...frameFields(frame), ...headers], body };
}

export function refused(frame: Frame, rejection: Rejection): WebResponse {
  const { transaction } = frame;
  const text = JSON.stringify({ code: transaction, error: rejection.message });
  const fields = rejection.cors ? frameFields(frame) : ['x-request-id', transaction];
  return {
    status: rejection.status,
    headers: [...fields, ...Object.entries(rejection.headers).flat(), 'content-type', 'application/json'],
    body: Buffer.from(rejection.cors ? prettyJson(text) : text),
  };
}
