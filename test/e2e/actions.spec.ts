// Actions are created, updated, listed, read and deleted by the real client; the bodies are OpenWhisk's, member by member.
import { expectAnswer, expectError } from '../support/answers';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';

describe('actions', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  const code = 'function main({ name }) { return { greeting: `Hello, ${name}!` } }';
  const stored = (name: string, more: object = {}): object => ({
    namespace: 'guest',
    name,
    version: '0.0.1',
    publish: false,
    exec: { kind: 'nodejs:20', code, binary: false },
    parameters: [],
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
    annotations: expect.arrayContaining([
      { key: 'provide-api-key', value: false },
      { key: 'exec', value: 'nodejs:20' },
    ]),
    updated: expect.any(Number),
    ...more,
  });

  it('create: 200 with the entity; the default kind is resolved', async () => {
    const action = await clientOf(platform).actions.create({ name: 'created', action: code });
    expect(action).toEqual(stored('created'));
    const answer = await guest.call('PUT', 'actions/created-raw', { exec: { kind: 'nodejs:20', code } });
    expectAnswer(answer, 200);
    expect(answer.json).toEqual(stored('created-raw'));
  });

  it('create again without overwrite: 409', async () => {
    await guest.putAction('twice', code);
    expectError(
      await guest.call('PUT', 'actions/twice', { exec: { kind: 'nodejs:20', code } }),
      409,
      'resource already exists',
    );
    await expect(clientOf(platform).actions.create({ name: 'twice', action: code })).rejects.toMatchObject({
      statusCode: 409,
    });
  });

  it('update: the version grows, what is not given stays, annotations are merged', async () => {
    const client = clientOf(platform);
    await client.actions.create({ name: 'updated', action: code, params: { name: 'you' }, limits: { timeout: 5_000 } });
    await guest.call('PUT', 'actions/updated?overwrite=true', {
      annotations: [{ key: 'description', value: 'greets' }],
    });
    const answer = await guest.call('PUT', 'actions/updated?overwrite=true', { limits: { memory: 128 } });
    expectAnswer(answer, 200);
    expect(answer.json).toEqual(
      stored('updated', {
        version: '0.0.3',
        parameters: [{ key: 'name', value: 'you' }],
        limits: { timeout: 5_000, memory: 128, logs: 10, concurrency: 1 },
        annotations: expect.arrayContaining([{ key: 'description', value: 'greets' }]),
      }),
    );
  });

  it('an update takes effect with the next invocation', async () => {
    const client = clientOf(platform);
    const invoke = (): Promise<unknown> => client.actions.invoke({ name: 'changing', blocking: true, result: true });
    await client.actions.create({ name: 'changing', action: 'function main() { return { edition: 1 } }' });
    expect(await invoke()).toEqual({ edition: 1 });
    await client.actions.update({ name: 'changing', action: 'function main() { return { edition: 2 } }' });
    expect(await invoke()).toEqual({ edition: 2 });
  });

  it('get: with code, and without on request', async () => {
    await guest.putAction('read', code);
    expect(await clientOf(platform).actions.get('read')).toEqual(stored('read'));
    const answer = await guest.call('GET', 'actions/read?code=false');
    expectAnswer(answer, 200);
    expect(answer.json).toEqual(stored('read', { exec: { kind: 'nodejs:20', binary: false } }));
  });

  it('list: newest first, without code, with skip, limit and count', async () => {
    for (const name of ['list-1', 'list-2', 'list-3']) await guest.putAction(name, code);
    const answer = await guest.call('GET', 'actions?limit=3');
    expectAnswer(answer, 200);
    expect(answer.json.map(({ name }: { name: string }) => name)).toEqual(['list-3', 'list-2', 'list-1']);
    expect(answer.json[0]).toEqual({
      namespace: 'guest',
      name: 'list-3',
      version: '0.0.1',
      publish: false,
      annotations: expect.arrayContaining([{ key: 'exec', value: 'nodejs:20' }]),
      limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
      exec: { binary: false },
      updated: expect.any(Number),
    });
    const [second] = await clientOf(platform).actions.list({ skip: 1, limit: 1 });
    expect(second).toMatchObject({ name: 'list-2' });
    const { actions } = (await guest.call('GET', 'actions?count=true')).json as { actions: number };
    expect(actions).toBe((await guest.call('GET', 'actions?limit=200')).json.length);
  });

  it('delete: 200 with the entity, then 404', async () => {
    await guest.putAction('gone', code);
    expect(await clientOf(platform).actions.delete('gone')).toMatchObject({ name: 'gone', version: '0.0.1' });
    for (const method of ['GET', 'DELETE', 'POST']) {
      expectError(await guest.call(method, 'actions/gone'), 404, 'The requested resource does not exist.');
    }
  });

  it('a deleted and re-created action never runs old code', async () => {
    const invoke = async (): Promise<unknown> => (await guest.invoke('reborn', {}, 'blocking=true&result=true')).json;
    await guest.putAction('reborn', 'function main() { return { life: 1 } }');
    expect(await invoke()).toEqual({ life: 1 });
    await guest.call('DELETE', 'actions/reborn');
    expectError(await guest.invoke('reborn'), 404, 'The requested resource does not exist.');
    await guest.putAction('reborn', 'function main() { return { life: 2 } }');
    expect(await invoke()).toEqual({ life: 2 });
  });
});
