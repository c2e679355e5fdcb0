// An API host whose every delay and mistake is known, for tests of what drives it: takes actions, answers invocations with records as the workload's action would
// make them, and keeps them to be asked for.
//
// It knows nothing of containers or time limits; what a test wants to go wrong it says by `answerOf`.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeInvocation {
  /** From 0, in the order of arrival. */
  readonly n: number;
  readonly action: string;
  readonly activationId: string;
  /** What the request says of itself. */
  readonly id: string;
  readonly callBackUrl: string | undefined;
}

export interface FakeAnswer {
  /** Before it is answered. */
  readonly delayMs?: number;
  readonly status?: number;
  /** Instead of the record. */
  readonly body?: string;
  /** Whose identity the action reports; the request's own if not given. */
  readonly reports?: string;
  /** The connection is cut instead. */
  readonly isCut?: boolean;
  /** There is no answer at all. */
  readonly isSilent?: boolean;
}

export class FakeApiHost {
  readonly actions = new Map<string, unknown>();
  readonly invocations: FakeInvocation[] = [];
  private readonly records = new Map<string, { at: number; record: string }>();

  private constructor(
    private readonly server: Server,
    private readonly answerOf: (invocation: FakeInvocation) => FakeAnswer,
  ) {}

  static async start(answerOf: (invocation: FakeInvocation) => FakeAnswer = () => ({})): Promise<FakeApiHost> {
    const server = createServer((request, answer) => void host.serve(request, answer));
    const host = new FakeApiHost(server, answerOf);
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url!, 'http://host');
    const [, kind, name = ''] = /^\/api\/v1\/namespaces\/_\/(actions|activations)\/(.*)$/.exec(url.pathname) ?? [];
    const reply = (status: number, body: string): void => {
      answer
        .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    };
    if (kind === 'activations') {
      const found = this.records.get(name);
      return found && found.at <= performance.now() ? reply(200, found.record) : reply(404, '{"error":"not found"}');
    }
    if (request.method === 'PUT') {
      if (this.actions.has(name)) return reply(409, '{"error":"resource already exists"}');
      this.actions.set(name, JSON.parse(text));
      return reply(200, '{}');
    }
    if (request.method === 'DELETE') return this.actions.delete(name) ? reply(200, '{}') : reply(404, '{}');
    this.invoke(
      name,
      JSON.parse(text) as { i: string; u?: string },
      url.searchParams.get('blocking') === 'true',
      reply,
      answer,
    );
  }

  private invoke(
    action: string,
    { i: id, u: callBackUrl }: { i: string; u?: string },
    isBlocking: boolean,
    reply: (status: number, body: string) => void,
    answer: ServerResponse,
  ): void {
    const n = this.invocations.length;
    const activationId = n.toString(16).padStart(32, '0');
    const invocation = { n, action, activationId, id, callBackUrl };
    this.invocations.push(invocation);
    const {
      delayMs = 0,
      status = 200,
      body,
      reports = id,
      isCut = false,
      isSilent = false,
    } = this.answerOf(invocation);
    if (isSilent) return;
    if (isCut) return void answer.destroy();
    const now = Date.now();
    const w = {
      i: reports,
      a: activationId,
      c: `container-${n % 4}`,
      n: Math.floor(n / 4),
      b: now - 5_000,
      z: false,
      s: now,
      e: now + delayMs,
    };
    const record = JSON.stringify({
      activationId,
      start: now,
      end: now + delayMs,
      duration: Math.round(delayMs),
      annotations: [{ key: 'waitTime', value: 1 }, ...(n < 4 ? [{ key: 'initTime', value: 2 }] : [])],
      response: { status: 'success', success: true, result: { w } },
    });
    if (isBlocking) return void setTimeout(() => reply(status, body ?? record), delayMs);
    this.records.set(activationId, { at: performance.now() + delayMs, record });
    reply(status === 200 ? 202 : status, body ?? JSON.stringify({ activationId }));
  }
}
