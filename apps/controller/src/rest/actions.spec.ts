import { type RestUnderTest, startRest, system } from './rest-under-test';

const code = 'function main(){return {ok:true}}';
const exec = { kind: 'nodejs:20', code };
const path = (name: string) => `/api/v1/namespaces/_/actions/${name}`;

describe('actions over REST', () => {
  let rest: RestUnderTest;

  beforeAll(async () => {
    rest = await startRest({ codeBytes: 2_000_000, entityBytes: 3_000_000, parametersBytes: 1_000 });
  });
  afterAll(async () => rest.stop());

  const put = async (name: string, body: object, query = '?overwrite=true') =>
    rest.ask('PUT', path(name) + query, body);

  it('are created, shown with and without code, updated, listed and removed', async () => {
    const created = await put('hello', { exec });
    expect(created.status).toBe(200);
    expect(created.headers.get('content-type')).toBe('application/json');
    expect(created.headers.get('access-control-allow-origin')).toBe('*');
    expect(created.text).toMatch(
      /^\{"annotations":\[.*\],"exec":\{"kind":"nodejs:20","code":"[^"]*","binary":false\},"limits":\{"concurrency":1,"logs":10,"memory":256,"timeout":60000\},"name":"hello","namespace":"guest","parameters":\[\],"publish":false,"updated":\d+,"version":"0\.0\.1"\}$/,
    );
    expect((await rest.ask('GET', path('hello'))).body).toEqual(created.body);
    expect((await rest.ask('GET', `${path('hello')}?code=false`)).body).toMatchObject({
      exec: { kind: 'nodejs:20', binary: false },
    });
    expect((await rest.ask('GET', `${path('hello')}?code=false`)).text).not.toContain('"code"');
    const updated = await put('hello', { limits: { memory: 512 } });
    expect(updated.body).toMatchObject({ version: '0.0.2', exec: { code }, limits: { memory: 512 } });
    expect((await rest.ask('GET', '/api/v1/namespaces/_/actions')).body).toMatchObject([
      { name: 'hello', namespace: 'guest', exec: { binary: false }, version: '0.0.2' },
    ]);
    expect((await rest.ask('GET', '/api/v1/namespaces/_/actions?count=true')).body).toEqual({ actions: 1 });
    expect((await rest.ask('DELETE', path('hello'))).body).toEqual(updated.body);
    expect((await rest.ask('GET', path('hello'))).status).toBe(404);
  });

  it('are known to the data path in their newest revision only, also after re-creation', async () => {
    await put('fresh', { exec });
    const first = await rest.actions.resolve('guest', { namespace: 'guest', packageName: undefined, name: 'fresh' });
    await put('fresh', { exec: { ...exec, code: '2' } });
    const second = await rest.actions.resolve('guest', { namespace: 'guest', packageName: undefined, name: 'fresh' });
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(await rest.actions.code(second)).toBe('2');
    await rest.ask('DELETE', path('fresh'));
    await expect(
      rest.actions.resolve('guest', { namespace: 'guest', packageName: undefined, name: 'fresh' }),
    ).rejects.toMatchObject({ status: 404 });
    await put('fresh', { exec });
    expect(
      (await rest.actions.resolve('guest', { namespace: 'guest', packageName: undefined, name: 'fresh' })).revision,
    ).toBeGreaterThan(second.revision);
  });

  it('lose no update: of several at once each is applied or refused', async () => {
    await put('contended', { exec });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => put('contended', { annotations: [{ key: `k${index}`, value: index }] })),
    );
    const applied = answers.flatMap(({ status }, index) => (status === 200 ? [`k${index}`] : []));
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(
      answers.filter(({ status }) => status === 409).every(({ text }) => text.includes('Concurrent modification')),
    ).toBe(true);
    const { annotations, version } = (await rest.ask('GET', path('contended'))).body as {
      annotations: { key: string }[];
      version: string;
    };
    expect(
      annotations
        .map(({ key }) => key)
        .filter((key) => key.startsWith('k'))
        .sort(),
    ).toEqual(applied.sort());
    expect(version).toBe(`0.0.${1 + applied.length}`);
  });

  it('keep code of megabytes byte by byte', async () => {
    const large = `//${'é☃😀'.repeat(100_000)}`;
    const answer = await put('large', { exec: { kind: 'nodejs:20', code: large } });
    expect(answer.status).toBe(200);
    expect((await rest.ask('GET', path('large'))).body).toMatchObject({ exec: { code: large } });
  });

  it('may call themselves prototypes', async () => {
    const answer = await rest.ask('PUT', path('__proto__'), {
      exec,
      parameters: [{ key: '__proto__', value: { a: 1 } }],
    });
    expect(answer.body).toMatchObject({ name: '__proto__', parameters: [{ key: '__proto__', value: { a: 1 } }] });
    expect(
      (await rest.actions.resolve('guest', { namespace: 'guest', packageName: undefined, name: '__proto__' }))
        .parameters,
    ).toHaveLength(1);
  });

  it.each<[string, object, number, string]>([
    [
      'too much code',
      { exec: { kind: 'nodejs:20', code: 'x'.repeat(2_000_001) } },
      413,
      'exec larger than allowed: 2000001 > 2000000 bytes.',
    ],
    [
      'a body beyond all bounds',
      { exec: { kind: 'nodejs:20', code: 'x'.repeat(3_000_000) } },
      413,
      'Request larger than allowed: 3000039 > 3000000 bytes.',
    ],
    [
      'too many parameters',
      { exec, parameters: [{ key: 'a', value: 'x'.repeat(1_000) }] },
      413,
      'parameters larger than allowed: 1003 > 1000 bytes.',
    ],
    ['no exec', {}, 400, 'exec undefined'],
  ])('refuse %s', async (_, body, status, error) => {
    const answer = await put('refused', body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  describe('as sequences', () => {
    const sequence = (...components: string[]) => ({ exec: { kind: 'sequence', components } });

    beforeAll(async () => {
      await put('atom', { exec });
      await put('pair', sequence('/_/atom', '/guest/atom'));
    });

    it('are stored, flattened names and all', async () => {
      const answer = await put('nested', sequence('/_/pair', '/_/atom'));
      expect(answer.body).toMatchObject({
        exec: { kind: 'sequence', components: ['/guest/pair', '/guest/atom'] },
        parameters: [{ key: '_actions', value: ['/guest/pair', '/guest/atom'] }],
      });
      expect(answer.text).not.toContain('"code"');
    });

    it.each<[string, object, number, string]>([
      ['nothing', sequence(), 400, 'No component specified for the sequence.'],
      ['what is not there', sequence('/_/nosuch'), 400, 'Sequence component does not exist.'],
      ['themselves', sequence('/_/atom', '/_/seq'), 400, 'Sequence may not refer to itself.'],
      ['too much', sequence(...Array.from({ length: 51 }, () => '/_/atom')), 400, 'Too many actions in the sequence.'],
      [
        'too much, flattened',
        sequence(...Array.from({ length: 26 }, () => '/_/pair')),
        400,
        'Too many actions in the sequence.',
      ],
      [
        "others' actions",
        sequence('/other/atom'),
        403,
        "The supplied authentication is not authorized to access 'other/atom'.",
      ],
    ])('may not contain %s', async (_, body, status, error) => {
      const answer = await put('seq', body);
      expect([answer.status, answer.body]).toMatchObject([status, { error }]);
    });

    it('may not contain themselves by way of another', async () => {
      await put('inner', { exec });
      await put('outer', sequence('/_/inner'));
      const answer = await put('inner', sequence('/_/outer'));
      expect(answer.body).toMatchObject({ error: 'Sequence may not refer to itself.' });
    });
  });

  it('obey the kinds that their namespace may use', async () => {
    await rest.stores.subjects.setLimits('whisk.system', { allowedKinds: ['python:3'], concurrentInvocations: 7 });
    const authorization = `Basic ${Buffer.from(`${system.uuid}:${system.key}`).toString('base64')}`;
    const answer = await rest.ask('PUT', path('a'), { exec }, { authorization });
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { error: "The supplied authentication is not authorized to access actions of kind 'nodejs:20'." },
    ]);
    const limits = await rest.ask('GET', '/api/v1/namespaces/_/limits', undefined, { authorization });
    expect(limits.body).toMatchObject({ concurrentInvocations: 7, maxActionInstances: 7, allowedKinds: ['python:3'] });
  });
});

describe('requests at the edge', () => {
  let rest: RestUnderTest;

  beforeAll(async () => {
    rest = await startRest();
  });
  afterAll(async () => rest.stop());

  it.each<[string, string, number, string]>([
    ['GET', '/api/v1/namespaces/_/actions/%zz', 400, 'The request path is not valid percent-encoded UTF-8.'],
    [
      'GET',
      `/api/v1/namespaces/_/actions/${'n'.repeat(9_000)}`,
      414,
      'URI length exceeds the configured limit of 8192 characters',
    ],
    ['GET', `/api/v1/namespaces/_/actions/${'n'.repeat(257)}`, 400, 'Name segement longer than allowed: 257 > 256.'],
    ['GET', '/api/v1/namespaces/_/limits/x', 400, 'Inner entity level routes for limits are not yet implemented.'],
    ['POST', '/api/v1/namespaces/_/packages/p', 404, 'The requested resource could not be found.'],
    ['GET', '/api/v1/namespaces/_/packages/p/a', 404, 'The requested resource could not be found.'],
    ['PUT', '/api/v1/namespaces/_/packages/a$b', 400, 'The name of the entity contains illegal characters.'],
    ['PUT', '/api/v1/namespaces/_/actions/a/', 404, 'The requested resource could not be found.'],
    ['GET', '/api/v1/namespaces//actions', 404, 'The requested resource could not be found.'],
  ])('%s %.80s is refused without CORS headers', async (method, path_, status, error) => {
    const answer = await rest.ask(method, path_);
    expect([answer.status, answer.body]).toMatchObject([status, { error }]);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((answer.body as { code: string }).code).toBe(answer.headers.get('x-request-id'));
  });

  it.each(['packages', 'triggers', 'rules'])('lists no %s', async (collection) => {
    expect((await rest.ask('GET', `/api/v1/namespaces/_/${collection}?limit=0&skip=0`)).body).toEqual([]);
    expect((await rest.ask('GET', `/api/v1/namespaces/_/${collection}/?count=true`)).body).toEqual({ [collection]: 0 });
  });

  it('answers clients that cannot read JSON with 406, before anything is done', async () => {
    const answer = await rest.ask('PUT', path('unread'), { exec }, { accept: 'text/html' });
    expect(answer.status).toBe(406);
    expect((await rest.ask('GET', path('unread'))).status).toBe(404);
  });

  it('knows a caller without asking the store again', async () => {
    await rest.ask('GET', '/api/v1/namespaces');
    const before = rest.stores.queries();
    await rest.ask('GET', '/api/v1/namespaces');
    expect(rest.stores.queries()).toBe(before);
  });

  it('says no more than that it failed when something unforeseen does', async () => {
    jest.spyOn(rest.stores.artifacts, 'get').mockRejectedValueOnce(new Error('a sentence for operators'));
    const answer = await rest.ask('GET', path('a'));
    expect([answer.status, answer.body]).toMatchObject([500, { error: 'There was an internal server error.' }]);
  });

  it('says that it is unavailable while the store is', async () => {
    await rest.stores.close();
    const answer = await rest.ask('GET', path('a'));
    expect([answer.status, answer.body]).toMatchObject([
      503,
      { error: 'The server is currently unavailable (because it is overloaded or down for maintenance).' },
    ]);
  });
});
