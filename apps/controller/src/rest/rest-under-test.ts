// The REST API in this process, on real SQLite stores in a directory of its own, for the specs beside this file.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '#clock';
import { type RuntimesManifest, readRuntimesManifest } from '#entity';
import { type Limits, defaultLimits } from '#limits';
import { Seal } from '#seal';
import { type Stores, openSqliteStores } from '#store';
import { silentLogger } from '#telemetry';
import { ActionRepository } from '../entities/action-repository';
import { Authenticator } from '../entities/authenticator';
import { InProcessInvalidation } from '../entities/cache-invalidation';
import { NamespaceOwners } from '../entities/namespace-owners';
import { newActivationId } from '../invoke/activation-id';
import { type FireParts, TriggerFires } from '../invoke/trigger-fires';
import { RestModule } from './rest.module';
import { createRestApp } from './rest-app';

export const guest = {
  subject: 'guest',
  namespace: 'guest',
  uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

export const system = {
  subject: 'whisk.system',
  namespace: 'whisk.system',
  uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: 'abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

export const authorization = `Basic ${Buffer.from(`${guest.uuid}:${guest.key}`).toString('base64')}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined if it is none. */
  readonly body: unknown;
}

export interface RestUnderTest {
  readonly url: string;
  readonly stores: Stores;
  readonly manifest: RuntimesManifest;
  readonly actions: ActionRepository;
  /** A request as guest unless headers say otherwise; objects are sent as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Namespaces of the fires that were counted, one each. */
  readonly admitted: readonly string[];
  /** How often records were flushed. */
  flushes(): number;
  stop(): Promise<void>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Invocations are queued, and nobody runs them. */
function firesUnderTest(actions: ActionRepository, clock: Clock, admitted: string[]): FireParts {
  return {
    admit: ({ namespace }) => Promise.resolve(void admitted.push(namespace)),
    resolve: actions.resolve.bind(actions),
    prepare: (action, { namespace }, _transactionId, payload) => {
      const acceptedAt = clock.wallMs();
      const invocation = JSON.stringify({ action: action.fullyQualifiedName, payload: payload.value });
      return Promise.resolve({ activationId: newActivationId(acceptedAt), namespace, acceptedAt, invocation });
    },
    stored: () => undefined,
    dropped: () => undefined,
  };
}

export async function startRest(
  over: Partial<Limits> = {},
  clock: Clock = systemClock,
  othersMs = 0,
): Promise<RestUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'hearth-rest-'));
  const limits = { ...defaultLimits, ...over };
  const stores = await openSqliteStores({ path: join(directory, 'hearth.db'), limits });
  await stores.subjects.seed(guest);
  await stores.subjects.seed(system);
  const file = join(process.cwd(), 'docker/runtimes.json'); // jest runs at the root of the checkout
  const manifest = readRuntimesManifest(JSON.parse(readFileSync(file, 'utf8')));
  const invalidation = new InProcessInvalidation();
  const actions = new ActionRepository(stores.artifacts, limits, clock, invalidation);
  const authenticator = new Authenticator(stores.subjects, limits, clock, invalidation);
  let flushed = 0;
  const flush = {
    othersMs,
    flush: () => {
      flushed++;
      return Promise.resolve();
    },
  };
  const owners = new NamespaceOwners(stores.subjects, limits, clock, invalidation, new Seal('a secret of some length'));
  const admitted: string[] = [];
  const fires = new TriggerFires(firesUnderTest(actions, clock, admitted), stores.fires, limits, clock, silentLogger);
  const parts = { stores, limits, clock, logger: silentLogger, manifest, actions, owners, fires, flush, invalidation };
  const app = await createRestApp(RestModule.register(parts), { authenticator, limits, logger: silentLogger });
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    url,
    stores,
    manifest,
    actions,
    admitted,
    flushes: () => flushed,
    ask: async (method, path, body, headers = {}) => {
      const isRaw = body === undefined || typeof body === 'string';
      const answer = await fetch(url + path, {
        method,
        body: isRaw ? body : JSON.stringify(body),
        redirect: 'manual',
        headers: { authorization, ...(isRaw ? {} : { 'content-type': 'application/json' }), ...headers },
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: parse(text) };
    },
    stop: async () => {
      await app.close();
      await stores.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
