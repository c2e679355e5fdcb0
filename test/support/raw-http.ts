// HTTP as it goes over the wire, for tests that look at status, headers and bytes of a body.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** A body as it came. Tests look into it member by member, and a wrong guess fails them as it should. */
export type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws if it is none. */
  readonly json: Json;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as it is; without Content-Type unless `headers` has one. */
  readonly body?: string | Buffer;
}

/** One request on a connection of its own. */
export function rawRequest(url: string, { method = 'GET', headers = {}, body }: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          get json() {
            return JSON.parse(text);
          },
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
