import type { ActivationRow } from '#store';
import { type RestUnderTest, startRest } from './rest-under-test';

const path = (rest: string) => `/api/v1/namespaces/_/activations${rest}`;
const id = (index: number) => index.toString(16).padStart(32, '0');
const longAgo = 1_700_000_000_000;

function row(index: number, over: Partial<ActivationRow> = {}, logs = 10): ActivationRow {
  const start = over.start ?? longAgo + index * 1_000;
  const end = over.end ?? start + 5;
  const common = {
    activationId: id(index),
    annotations: [
      { key: 'path', value: 'guest/a' },
      { key: 'kind', value: 'nodejs:20' },
      { key: 'limits', value: { concurrency: 1, logs, memory: 256, timeout: 60_000 } },
    ],
    duration: 5,
    end,
  };
  const rest = { name: 'a', namespace: 'guest', publish: false };
  const response = '"response":{"result":{"n":9007199254740993},"size":22,"status":"success","success":true}';
  return {
    namespace: 'guest',
    activationId: id(index),
    acceptedAt: start,
    start,
    end,
    name: 'a',
    packageName: undefined,
    statusCode: 0,
    summary: JSON.stringify({ ...common, ...rest, start, statusCode: 0, version: '0.0.1' }),
    record: `${JSON.stringify(common).slice(0, -1)},"logs":[],${JSON.stringify(rest).slice(1, -1)},${response},"start":${start},"subject":"guest","version":"0.0.1"}`,
    ...over,
  };
}

describe('activations over REST', () => {
  let rest: RestUnderTest;

  beforeAll(async () => {
    rest = await startRest({ logSettleMs: 1_000 });
    await rest.stores.activations.insert([row(1), row(2), row(3), row(4, { name: 'b' })]);
    await rest.stores.logs.append([
      { namespace: 'guest', activationId: id(1), lines: ['T stdout: "hi"', 'T stderr: ho'] },
    ]);
  });
  afterAll(async () => rest.stop());

  it('are shown with their logs, digit by digit', async () => {
    const flushes = rest.flushes();
    const answer = await rest.ask('GET', path(`/${id(1)}`));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(row(1).record.replace('"logs":[]', '"logs":["T stdout: \\"hi\\"","T stderr: ho"]'));
    expect((await rest.ask('GET', path(`/${id(2)}`))).text).toBe(row(2).record);
    expect(rest.flushes()).toBe(flushes + 2);
  });

  it('have logs and a result of their own', async () => {
    expect((await rest.ask('GET', path(`/${id(1)}/logs`))).body).toEqual({ logs: ['T stdout: "hi"', 'T stderr: ho'] });
    expect((await rest.ask('GET', path(`/${id(1)}/result`))).text).toBe(
      '{"result":{"n":9007199254740993},"size":22,"status":"success","success":true}',
    );
  });

  it.each<[string, number[]]>([
    ['', [4, 3, 2, 1]],
    ['?limit=2', [4, 3]],
    ['?limit=1&skip=2', [2]],
    ['?name=a', [3, 2, 1]],
    ['?name=pkg/a', []],
    [`?since=${longAgo + 2_000}&upto=${longAgo + 3_000}`, [3, 2]],
    ['/?name=b&limit=0', [4]],
  ])('are listed newest first: %p', async (query, expected) => {
    const items = (await rest.ask('GET', path(query))).body as { activationId: string; statusCode: number }[];
    expect(items.map(({ activationId }) => activationId)).toEqual(expected.map(id));
    expect(items.every(({ statusCode }) => statusCode === 0)).toBe(true);
  });

  it('are listed whole if asked', async () => {
    const items = (await rest.ask('GET', path('?docs=true&name=a'))).body as { logs: string[]; response: object }[];
    expect(items.map(({ logs }) => logs.length)).toEqual([0, 0, 2]);
    expect(items.every((item) => 'response' in item && !('statusCode' in item))).toBe(true);
  });

  it('are counted, whatever the limit', async () => {
    expect((await rest.ask('GET', path('?count=true&name=a&limit=1'))).body).toEqual({ activations: 3 });
    expect((await rest.ask('GET', path(`?count=true&since=${longAgo + 2_000}`))).body).toEqual({ activations: 3 });
  });

  it.each([`/${id(99)}`, `/${id(99)}/logs`, `/${id(99)}/result`])('are not there: %s', async (rest_) => {
    const answer = await rest.ask('GET', path(rest_));
    expect([answer.status, answer.body]).toMatchObject([404, { error: 'The requested resource does not exist.' }]);
  });

  it('wait for logs that are on their way', async () => {
    await rest.stores.activations.insert([row(10, { start: Date.now(), end: Date.now() })]);
    const asking = rest.ask('GET', path(`/${id(10)}/logs`));
    await rest.stores.logs.append([{ namespace: 'guest', activationId: id(10), lines: ['T stdout: late'] }]);
    expect((await asking).body).toEqual({ logs: ['T stdout: late'] });
  });

  it('do not wait for logs that nobody collects', async () => {
    const now = Date.now();
    await rest.stores.activations.insert([row(11, { start: now, end: now + 60_000 }, 0)]);
    const began = performance.now();
    expect((await rest.ask('GET', path(`/${id(11)}/logs`))).body).toEqual({ logs: [] });
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('wait no longer than they may, even for a record from the future', async () => {
    const ahead = Date.now() + 3_600_000;
    await rest.stores.activations.insert([row(12, { start: ahead, end: ahead })]);
    expect((await rest.ask('GET', path(`/${id(12)}/logs`))).body).toEqual({ logs: [] });
  });

  it('of another controller are waited for shortly, by their id', async () => {
    const cluster = await startRest({ logSettleMs: 0 }, undefined, 2_000);
    try {
      const asked = cluster.ask('GET', path(`/${id(9)}`));
      await cluster.stores.activations.insert([row(9)]);
      expect((await asked).status).toBe(200);
    } finally {
      await cluster.stop();
    }
    const begun = performance.now();
    expect((await rest.ask('GET', path(`/${id(9)}`))).status).toBe(404);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
