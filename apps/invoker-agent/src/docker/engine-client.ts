// Talks to the Docker Engine over its Unix socket. Plain HTTP through undici, which we have; a library would bring SSH and gRPC with it.
//
// Guarantees: every call has a time limit and ends by then, also when the engine hangs; what the engine refuses is an EngineError with its status
// and its own words; what it does not answer at all is an EngineGone.
import { Pool } from 'undici';

/** The engine answered with a status of 400 or more. */
export class EngineError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'EngineError';
  }
}

/** Nothing is known of what the engine did. */
export class EngineGone extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineGone';
  }
}

export interface EngineCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Creations and waits take long; others must not queue behind them. */
const connections = 64;
/** Oldest version that has all that we use: the engine of 2020. */
const oldestApi = '1.41';

export class EngineClient {
  private readonly pool: Pool;
  private prefix = '';

  constructor(
    readonly socketPath: string,
    private readonly callMs: number,
  ) {
    // Times are limited by signals, the same for all parts of a call.
    this.pool = new Pool('http://docker', { socketPath, connections, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** The oldest version that both know, so that a newer engine behaves as the one that we know. */
  async negotiate(): Promise<void> {
    const { ApiVersion, MinAPIVersion } = await this.call<{ ApiVersion: string; MinAPIVersion?: string }>(
      'GET',
      '/version',
    );
    if (compareVersions(ApiVersion, oldestApi) < 0)
      throw new Error(`the engine's API is ${ApiVersion}, older than the ${oldestApi} that is needed`);
    const least = MinAPIVersion ?? oldestApi;
    this.prefix = `/v${compareVersions(least, oldestApi) > 0 ? least : oldestApi}`;
  }

  /** Answers the JSON, or undefined where there is none. */
  async call<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, call: EngineCall = {}): Promise<T> {
    const { query, body, timeoutMs = this.callMs, signal } = call;
    const limit = AbortSignal.timeout(timeoutMs);
    const what = `${method} ${path.replace(/[0-9a-f]{64}/, (id) => id.slice(0, 12))}`;
    try {
      const answer = await this.pool.request({
        method,
        path: this.prefix + path,
        ...(query === undefined ? {} : { query: { ...query } }),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 400) throw new EngineError(answer.statusCode, `docker: ${messageIn(text)}`);
      return (text === '' || !isJson(answer.headers['content-type']) ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (signal?.aborted) throw new EngineGone(`docker: ${what} was given up`, { cause: error });
      if (limit.aborted)
        throw new EngineGone(`docker: ${what} was not answered within ${timeoutMs} ms`, { cause: error });
      throw new EngineGone(`docker: ${what} failed (${(error as Error).message}); is the engine running?`, {
        cause: error,
      });
    }
  }

  /** Lines of JSON as they come, until the engine ends them or the signal is aborted. Resolves once the engine has begun to answer. */
  async stream<T>(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<AsyncIterable<T>> {
    const { statusCode, body } = await this.pool.request({ method, path: this.prefix + path, query, signal });
    if (statusCode >= 400) throw new EngineError(statusCode, `docker: ${messageIn(await body.text())}`);
    return linesOf<T>(body.setEncoding('utf8'));
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

async function* linesOf<T>(chunks: AsyncIterable<unknown>): AsyncGenerator<T> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
  }
}

const isJson = (type: string | string[] | undefined): boolean => String(type).startsWith('application/json');

function messageIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: string }).message ?? text);
  } catch (error) {
    if (error instanceof SyntaxError) return text.trim();
    throw error;
  }
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  return a![0]! - b![0]! || a![1]! - b![1]!;
}
