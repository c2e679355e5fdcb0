// The API host as the driver calls it: whole requests laid out once, and calls with promises for what is not measured.
import type { ConnectionPool, PooledRequest } from './connection-pool';
import { hostHeader } from './api-host';
import type { Endpoint, NoAnswer } from './http-connection';

export interface ApiAnswer {
  /** 0: there was none. */
  readonly status: number;
  /** What the host said, or why there is no answer. */
  readonly body: string;
  readonly noAnswer?: NoAnswer;
}

/** A call that is waited for by promise; not for load. */
class PromisedCall implements PooledRequest {
  constructor(
    private readonly request: string,
    private readonly done: (answer: ApiAnswer) => void,
  ) {}

  leaving(): string {
    return this.request;
  }

  answered(status: number, body: string): void {
    this.done({ status, body });
  }

  failed(noAnswer: NoAnswer, detail: string): void {
    this.done({ status: 0, body: detail, noAnswer });
  }
}

export class ApiClient {
  private readonly head: string;

  constructor(
    endpoint: Endpoint,
    /** user:password. */
    auth: string,
    readonly pool: ConnectionPool,
  ) {
    const basic = Buffer.from(auth).toString('base64');
    this.head = ` HTTP/1.1\r\nHost: ${hostHeader(endpoint)}\r\nAuthorization: Basic ${basic}\r\n`;
  }

  /** A request up to its Content-Length, whose value, an empty line and the body come next. */
  postHead(path: string): string {
    return `POST /api/v1/namespaces/_/${path}${this.head}Content-Type: application/json\r\nContent-Length: `;
  }

  get(path: string): string {
    return `GET /api/v1/namespaces/_/${path}${this.head}\r\n`;
  }

  /** Never rejects. */
  call(method: 'PUT' | 'DELETE' | 'GET' | 'POST', path: string, body = ''): Promise<ApiAnswer> {
    const type = body === '' ? '' : 'Content-Type: application/json\r\n';
    const request = `${method} /api/v1/namespaces/_/${path}${this.head}${type}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    return new Promise((done) => this.pool.send(new PromisedCall(request, done)));
  }
}
