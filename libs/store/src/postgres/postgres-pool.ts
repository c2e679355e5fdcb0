// The connections to PostgreSQL, as Kysely's driver wants them.
//
// Guarantees: at most `connectionsCount`; whoever finds them all in use, or nobody there, waits `connectMs` and then gets `unavailable`; a
// statement that takes longer than `statementMs` is given up on both sides; a connection that failed is thrown away, so that the next
// one who asks gets a new one, without a restart. Errors are StoreErrors (postgres-errors.ts) and hold no password. That the
// database went away, and that it came back, is said once each.
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { StoreError } from '../errors';
import { withStrictTls } from './postgres-address';
import { translated } from './postgres-errors';
import { readText, storedText } from './text-form';

export interface PostgresPoolSettings {
  readonly databaseUrl: string;
  readonly connectionsCount: number;
  readonly connectMs: number;
  /** 0: no bound. */
  readonly statementMs: number;
}

/**
 * Lists are ranges of an index in its order. Of a partition that has no statistics yet, the planner would rather collect all that matches and sort
 * it: a second instead of a millisecond for a page deep in today's records. If it is not obeyed, the first statement says why.
 */
const planning = 'set enable_bitmapscan = off';

/** bigint: times, revisions and counts, all far below 2^53. */
const bigint = 20;
const texts = new Set<number>([25, 1043]);

type Parser = (text: string) => unknown;
const parserOfType = types.getTypeParser as (type: number, format?: 'text' | 'binary') => Parser;

function parserOf(type: number, format?: 'text' | 'binary'): Parser {
  if (type === bigint) return Number;
  return texts.has(type) ? readText : parserOfType(type, format);
}

export class StorePool implements PostgresPool {
  private readonly pool: Pool;
  private isAway = false;

  constructor(
    settings: PostgresPoolSettings,
    private readonly say: (sentence: string) => void,
  ) {
    this.pool = new Pool(configOf(settings));
    // One that nobody uses was closed by the other end: the pool forgets it.
    this.pool.on('error', () => undefined);
    // One that is in use tells its statement the same; without a listener the event would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined).query(planning, () => undefined));
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      const client = await this.pool.connect();
      const connection = new StoreConnection(
        client,
        (error) => this.failed(error),
        () => this.answered(),
      );
      // Cursors, the other form of `query`, are not used.
      return connection as unknown as PostgresPoolClient;
    } catch (error) {
      throw this.failed(error).error;
    }
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  private failed(cause: unknown): { error: Error; isBroken: boolean } {
    const failure = translated(cause);
    const { error, isBroken } = failure;
    if (isBroken && error instanceof StoreError && !this.isAway) {
      this.isAway = true;
      this.say(`${error.message.replace(/\.$/, '')}; it is tried again with each request`);
    }
    return failure;
  }

  private answered(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.say('the store is there again');
  }
}

/** From being taken out of the pool to being given back. */
class StoreConnection {
  private broken: Error | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly failed: (error: unknown) => { error: Error; isBroken: boolean },
    private readonly answered: () => void,
  ) {}

  async query(text: string, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<never>> {
    // The rollback of a transaction whose connection is gone: its first error is the one to tell.
    if (this.broken) throw this.broken;
    try {
      const values = parameters.map(storedValue);
      const result = await this.client.query(text, values);
      this.answered();
      return result as unknown as PostgresQueryResult<never>;
    } catch (cause) {
      const { error, isBroken } = this.failed(cause);
      if (isBroken) this.broken = error;
      throw error;
    }
  }

  release(): void {
    this.client.release(this.broken);
  }
}

/** Texts, alone or in an array, in the form that can be stored. */
function storedValue(value: unknown): unknown {
  if (typeof value === 'string') return storedText(value);
  return Array.isArray(value) ? value.map(storedValue) : value;
}

function configOf({ databaseUrl, connectionsCount, connectMs, statementMs }: PostgresPoolSettings): PoolConfig {
  return {
    connectionString: withStrictTls(databaseUrl),
    application_name: 'hearth',
    max: connectionsCount,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    types: { getTypeParser: parserOf as typeof types.getTypeParser },
    // The server's own time-out comes first; the other one is for a server that does not answer at all.
    ...(statementMs > 0 && { statement_timeout: statementMs, query_timeout: statementMs + connectMs }),
  };
}
