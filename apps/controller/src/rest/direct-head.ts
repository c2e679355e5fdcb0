// Reads the head of a plain request that invokes, by the REST API or a web action, from the bytes of a connection. Pure.
//
// Guarantee: what it understands, node:http understands in the same way (a property test compares them). Whatever is less than plain is
// undefined here and left to node:http: another route, HTTP/1.0, chunked bodies, `Expect`, `Upgrade`, a header that comes twice or is not
// plain text, a body that is not in the same piece of bytes.
import type { IncomingHttpHeaders } from 'node:http';
import { InvokeHead, isInvocation } from './invoke-head';
import type { WebHead } from './web/web-exchange';
import { webTarget } from './web/web-path';

export interface DirectHead {
  /** The bytes that say it, with the empty line at the end. */
  readonly bytes: Buffer;
  readonly head: InvokeHead | WebHead;
  readonly bodyBytes: number;
  /** The client leaves the connection open. */
  readonly keepsAlive: boolean;
}

const beginnings = ['POST /api/v1/namespaces/', 'GET /api/v1/web/', 'POST /api/v1/web/'].map((text) =>
  Buffer.from(text),
);
const headEnd = Buffer.from('\r\n\r\n');
const requestLine = /^(GET|POST) ([\x21-\x7e]+) HTTP\/1\.1\r\n/;
const headerLine = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*)\r\n/y;
const handedOn = ['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'trailer', 'te'];

function beginsPlainly(bytes: Buffer): boolean {
  for (const text of beginnings)
    if (bytes.length >= text.length && text.compare(bytes, 0, text.length) === 0) return true;
  return false;
}

function readHead(method: string, url: string, headers: IncomingHttpHeaders): DirectHead['head'] | undefined {
  if (isInvocation(method, url)) return new InvokeHead(url, headers);
  const target = webTarget(url);
  return target && { method, url, headers, target };
}

/** `bytes` is what came first after the request before. */
export function readDirectHead(bytes: Buffer, headBytesMax: number): DirectHead | undefined {
  if (!beginsPlainly(bytes)) return undefined;
  const at = bytes.indexOf(headEnd);
  if (at < 0 || at > headBytesMax) return undefined;
  const text = bytes.toString('latin1', 0, at + 2);
  const line = requestLine.exec(text);
  if (!line) return undefined;
  const headers = readHeaders(text, line[0].length);
  if (!headers || headers.host === undefined || handedOn.some((name) => name in headers)) return undefined;
  const length = headers['content-length'] ?? '0';
  const connection = (headers.connection ?? 'keep-alive').toLowerCase();
  if (!/^\d{1,9}$/.test(length) || (connection !== 'keep-alive' && connection !== 'close')) return undefined;
  const head = readHead(line[1]!, line[2]!, headers);
  return (
    head && {
      // A copy: the piece itself is a window into what the connection reads into.
      bytes: Buffer.from(bytes.subarray(0, at + headEnd.length)),
      head,
      bodyBytes: Number(length),
      keepsAlive: connection === 'keep-alive',
    }
  );
}

/** Undefined when a line is no plain header, or a name comes twice. */
function readHeaders(text: string, from: number): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {};
  headerLine.lastIndex = from;
  for (let end = from; end < text.length; end = headerLine.lastIndex) {
    const found = headerLine.exec(text);
    if (!found) return undefined;
    const name = found[1]!.toLowerCase();
    if (Object.hasOwn(headers, name) || name === '__proto__') return undefined;
    headers[name] = found[2]!.replace(/[ \t]+$/, '');
  }
  return headers;
}
