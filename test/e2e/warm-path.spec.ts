// A warm blocking invocation makes no gRPC call and no database query before its reply: counted, not read out of the code.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { rawRequest } from '../support/raw-http';
import { until } from '../support/until';

const runs = 50;

describe('the warm path', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    // Nothing but the invocations themselves may move the counters while they are watched: no flush of records,
    // no renewal, no look for alarms, no report of a container that is free.
    const quiet = ['RECORD_BATCH_MS', 'USE_LEASE_RENEW_MS', 'CLAIM_POLL_MS', 'ALARM_POLL_MS', 'FREE_REPORTED_AFTER_MS'];
    const env = {
      LIMIT_CLAIM_LEASE_MS: '120000',
      ...Object.fromEntries(quiet.map((limit) => [`LIMIT_${limit}`, '60000'])),
    };
    platform = await startPlatform({ env });
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  async function counter(name: string): Promise<number> {
    const line = (await platform.metrics('controller')).split('\n').find((text) => text.startsWith(`${name} `));
    if (line === undefined) throw new Error(`/metrics has no ${name}`);
    return Number(line.split(' ')[1]);
  }

  /** The cold start's own messages and the first report of a free container are over once the counters stand still. */
  async function settled(): Promise<{ queries: number; messages: number }> {
    const before = { queries: 0, messages: 0 };
    await until('the counters stand still', async () => {
      const last = { ...before };
      before.queries = await counter('hearth_store_queries_total');
      before.messages = await counter('hearth_grpc_messages_total');
      await new Promise((resolve) => setTimeout(resolve, 300));
      return last.queries === before.queries && last.messages === before.messages;
    });
    return before;
  }

  async function expectNothingAsked(call: () => Promise<{ status: number }>): Promise<void> {
    await call();
    const before = await settled();
    for (let i = 0; i < runs; i++) expect((await call()).status).toBe(200);
    expect((await counter('hearth_store_queries_total')) - before.queries).toBe(0);
    expect((await counter('hearth_grpc_messages_total')) - before.messages).toBe(0);
  }

  it(`${runs} warm invocations, each counted at its reply: no query, no gRPC message`, async () => {
    await guest.putAction('noop', 'function main() { return {} }');
    await expectNothingAsked(() => guest.invoke('noop', {}, 'blocking=true&result=true'));
  });

  it(`${runs} calls of a warm web action, without and with credentials: the same`, async () => {
    const annotations = [{ key: 'web-export', value: true }];
    await guest.putAction('page', "function main() { return { body: 'page' } }", { annotations });
    const url = guest.url('/api/v1/web/guest/default/page');
    await expectNothingAsked(() => rawRequest(url));
    const { authorization } = guest;
    await expectNothingAsked(() => rawRequest(url, { headers: { authorization } }));
  });
});
