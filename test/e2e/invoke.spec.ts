// An action is invoked in every way the API knows, and its record, result and logs are read back.
import { activationIdPattern, expectAnswer, expectError, expectRecord } from '../support/answers';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import type { Json } from '../support/raw-http';
import { until } from '../support/until';

describe('invoke', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
    await guest.putAction(
      'echo',
      `function main(args) { console.log('told', JSON.stringify(args)); console.error('warned'); return { args } }`,
      { parameters: [{ key: 'greeting', value: 'hi' }] },
    );
    await guest.putAction(
      'slow',
      'function main({ ms }) { return new Promise((done) => setTimeout(done, ms, { slept: ms })) }',
    );
  });
  afterAll(() => platform.stop());

  const success = (result: object): Record<string, unknown> => ({
    status: 'success',
    success: true,
    result,
    size: Buffer.byteLength(JSON.stringify(result)),
  });

  it('blocking: 200 with the record, first cold, then warm; parameters are merged', async () => {
    await guest.putAction('twice', 'function main(args) { return args }', {
      parameters: [
        { key: 'a', value: 1 },
        { key: 'b', value: 1 },
      ],
    });
    const result = { a: 1, b: 2 };
    for (const isCold of [true, false]) {
      const answer = await guest.invoke('twice', { b: 2 });
      expectAnswer(answer, 200);
      expect(answer.headers['x-openwhisk-activation-id']).toBe(answer.json.activationId);
      expectRecord(answer.json, { name: 'twice', response: success(result), isCold });
      expect(answer.json.logs).toEqual([]);
    }
  });

  it('blocking with result: 200 with the bare result', async () => {
    const answer = await guest.invoke('echo', { name: 'Bob' }, 'blocking=true&result=true');
    expectAnswer(answer, 200);
    expect(answer.headers['x-openwhisk-activation-id']).toMatch(activationIdPattern);
    expect(answer.json).toEqual({ args: { greeting: 'hi', name: 'Bob' } });
    const byClient = await clientOf(platform).actions.invoke({
      name: 'echo',
      blocking: true,
      result: true,
      params: { name: 'Ann' },
    });
    expect(byClient).toEqual({ args: { greeting: 'hi', name: 'Ann' } });
  });

  it('without a body: no arguments but its own', async () => {
    const answer = await guest.call('POST', 'actions/echo?blocking=true&result=true');
    expect([answer.status, answer.json]).toEqual([200, { args: { greeting: 'hi' } }]);
  });

  it('an array as result is answered bare, record or not', async () => {
    await guest.putAction('list', 'function main() { return [1, 2] }');
    for (const query of ['blocking=true', 'blocking=true&result=true']) {
      expect((await guest.invoke('list', {}, query)).json).toEqual([1, 2]);
    }
  });

  it('non-blocking: 202 with the id; record, result and logs follow', async () => {
    const answer = await guest.invoke('echo', { name: 'Eve' }, '');
    expectAnswer(answer, 202);
    const { activationId } = answer.json as { activationId: string };
    expect(answer.json).toEqual({ activationId: expect.stringMatching(activationIdPattern) });
    expect(answer.headers['x-openwhisk-activation-id']).toBe(activationId);
    const result = { args: { greeting: 'hi', name: 'Eve' } };
    expectRecord(await guest.record(activationId), { name: 'echo', response: success(result) });

    const client = clientOf(platform);
    expect(await client.activations.result({ name: activationId })).toEqual(success(result));
    const { logs } = await until('the logs', async () => {
      const found = (await client.activations.logs({ name: activationId })) as unknown as { logs: string[] };
      return found.logs.length === 2 && found;
    });
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z +`;
    expect(logs.sort((a, b) => a.slice(31).localeCompare(b.slice(31)))).toEqual([
      expect.stringMatching(new RegExp(`^${time}stderr: warned$`)),
      expect.stringMatching(new RegExp(`^${time}stdout: told \\{"greeting":"hi","name":"Eve"\\}$`)),
    ]);
    expect((await guest.record(activationId)).logs).toHaveLength(2);
  });

  it('a wait that runs out: 202 with the id, no record while it runs, the record later', async () => {
    const answer = await guest.invoke('slow', { ms: 1_500 }, 'blocking=true&timeout=100');
    expectAnswer(answer, 202);
    const { activationId } = answer.json as { activationId: string };
    expect(answer.json).toEqual({ activationId: expect.stringMatching(activationIdPattern) });
    expectError(await guest.call('GET', `activations/${activationId}`), 404, 'The requested resource does not exist.');
    expectRecord(await guest.record(activationId), { name: 'slow', response: success({ slept: 1_500 }) });
  });

  it('lists activations, newest first, by name, since, upto, skip, limit, count and docs', async () => {
    await guest.putAction('counted', 'function main() { return {} }');
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await guest.invoke('counted')).json.activationId as string);
    await until('three records', async () => (await guest.recordCount('counted')) === 3);
    const list = async (query: string): Promise<Json[]> =>
      (await guest.call('GET', `activations?name=counted&${query}`)).json;
    const all = await list('');
    expect(all.map(({ activationId }) => activationId as string)).toEqual(ids);
    expect(all[0]).toEqual({
      namespace: 'guest',
      name: 'counted',
      version: '0.0.1',
      publish: false,
      activationId: ids[0],
      start: expect.any(Number),
      end: expect.any(Number),
      duration: expect.any(Number),
      statusCode: 0,
      annotations: expect.arrayContaining([{ key: 'path', value: 'guest/counted' }]),
    });
    expect((await list('skip=1&limit=1')).map(({ activationId }) => activationId as string)).toEqual([ids[1]]);
    expect((await list(`since=${all[0].start}`)).length).toBeGreaterThanOrEqual(1);
    expect(await list(`upto=${all[2].start - 1}`)).toEqual([]);
    expectRecord((await list('docs=true&limit=1'))[0], { name: 'counted', response: success({}) });
    const byClient = await clientOf(platform).activations.list({ limit: 2 });
    expect(byClient).toHaveLength(2);
  });

  it('the environment of an action is its own', async () => {
    const code = `function main() { return { ns: process.env.__OW_NAMESPACE, action: process.env.__OW_ACTION_NAME,
      id: process.env.__OW_ACTIVATION_ID, host: process.env.__OW_API_HOST, deadline: process.env.__OW_DEADLINE,
      leaks: Object.keys(process.env).filter((name) => /SECRET|TOKEN|HEARTH_DATA|NODE_OPTIONS/.test(name)) } }`;
    await guest.putAction('environment', code);
    const { activationId, response, start } = (await guest.invoke('environment')).json;
    expect(response.result).toMatchObject({
      ns: 'guest',
      action: '/guest/environment',
      id: activationId,
      host: platform.apiHost,
      leaks: [],
    });
    expect(Number(response.result.deadline)).toBeGreaterThan(start);
  });
});
