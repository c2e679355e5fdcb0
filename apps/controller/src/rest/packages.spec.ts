// Packages and bindings over REST; each test names the rule of the compatibility notes that it checks.
import { authorization as guestAuthorization, type RestUnderTest, startRest, system } from './rest-under-test';

const exec = { kind: 'nodejs:20', code: 'function main(a){return a}' };
const asSystem = { authorization: `Basic ${Buffer.from(`${system.uuid}:${system.key}`).toString('base64')}` };
const asGuest = { authorization: guestAuthorization };
const own = '/api/v1/namespaces/_';
const foreign = '/api/v1/namespaces/whisk.system';
const names = (body: unknown) => (body as { name: string }[]).map(({ name }) => name);

describe('packages over REST', () => {
  let rest: RestUnderTest;
  beforeAll(async () => {
    rest = await startRest({ listMaxCount: 3, listDefaultCount: 3 });
  });
  afterAll(async () => rest.stop());

  const put = async (path: string, body: object = {}, headers: Record<string, string> = asGuest) => {
    const answer = await rest.ask('PUT', path, body, headers);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return answer.body;
  };
  const refusal = async (method: string, path: string, body?: object, headers: Record<string, string> = asGuest) => {
    const answer = await rest.ask(method, path, body, headers);
    return [answer.status, (answer.body as { error: string }).error];
  };

  it('show what is in them, feeds apart, every page of it (1.8)', async () => {
    await put(`${own}/packages/full`, { parameters: [{ key: 'p', value: 1 }] });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(`${own}/actions/full/${name}`, { exec });
    await put(`${own}/actions/full/f`, { exec, annotations: [{ key: 'feed', value: false }] });
    const { body } = await rest.ask('GET', `${own}/packages/full`);
    expect(body).toMatchObject({ name: 'full', binding: {}, parameters: [{ key: 'p', value: 1 }] });
    const { actions, feeds } = body as { actions: unknown; feeds: unknown };
    expect(names(actions)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(feeds).toEqual([{ name: 'f', version: '0.0.1', annotations: expect.any(Array) as unknown[] }]);
  });

  it('are removed only when empty, or by force and then with all that is in them (1.8)', async () => {
    await put(`${own}/packages/filled`);
    for (const name of ['a', 'b', 'c', 'd']) await put(`${own}/actions/filled/${name}`, { exec });
    expect(await refusal('DELETE', `${own}/packages/filled`)).toEqual([
      409,
      'Package not empty (contains 4 entities). Set force param or delete package contents.',
    ]);
    expect((await rest.ask('DELETE', `${own}/packages/filled?force=true`)).status).toBe(200);
    await put(`${own}/packages/filled`);
    expect((await rest.ask('GET', `${own}/actions/filled/`)).body).toEqual([]);
    await put(`${own}/actions/filled/a`, { exec });
    expect(await refusal('DELETE', `${own}/packages/filled`)).toEqual([
      409,
      'Package not empty (contains 1 entity). Set force param or delete package contents.',
    ]);
  });

  it('list as the caller may see them, pages and counts included (1.8, R11)', async () => {
    await put(`${foreign}/packages/private`, {}, asSystem);
    for (const name of ['one', 'two', 'three']) await put(`${foreign}/packages/${name}`, { publish: true }, asSystem);
    await put(`${foreign}/packages/bound`, { publish: true, binding: { namespace: '_', name: 'one' } }, asSystem);
    await put(`${foreign}/packages/two?overwrite=true`, { publish: false }, asSystem);
    expect(names((await rest.ask('GET', `${foreign}/packages`)).body)).toEqual(['three', 'one']);
    expect(names((await rest.ask('GET', `${foreign}/packages?skip=1&limit=1`)).body)).toEqual(['one']);
    expect((await rest.ask('GET', `${foreign}/packages?count=true`)).body).toEqual({ packages: 2 });
    expect((await rest.ask('GET', `${foreign}/packages?count=true`, undefined, asSystem)).body).toEqual({
      packages: 5,
    });
    expect((await rest.ask('GET', '/api/v1/namespaces/nosuchns/packages')).body).toEqual([]);
  });

  it('share their actions, not the right to write (5.3, A16, R8, R11)', async () => {
    await put(`${foreign}/packages/shared`, { publish: true, parameters: [{ key: 's', value: 1 }] }, asSystem);
    await put(`${foreign}/actions/shared/a`, { exec, parameters: [{ key: 'q', value: 2 }] }, asSystem);
    expect((await rest.ask('GET', `${foreign}/actions/shared/a?code=false`)).body).toMatchObject({
      namespace: 'whisk.system/shared',
      parameters: [
        { key: 's', value: 1 },
        { key: 'q', value: 2 },
      ],
    });
    expect(names((await rest.ask('GET', `${foreign}/actions/shared/`)).body)).toEqual(['a']);
    const denied = (resource: string) => `The supplied authentication is not authorized to access '${resource}'.`;
    for (const [method, path, resource] of [
      ['PUT', 'actions/shared/b', 'whisk.system/shared/b'],
      ['DELETE', 'actions/shared/a', 'whisk.system/shared/a'],
      ['PUT', 'packages/shared', 'whisk.system/shared'],
      ['DELETE', 'packages/shared', 'whisk.system/shared'],
      ['GET', 'actions/unshared/', 'whisk.system/unshared'],
      ['GET', 'actions/unshared/a', 'whisk.system/unshared'],
      ['GET', 'packages/unshared', 'whisk.system/unshared'],
    ] as const) {
      const body = method === 'PUT' ? { exec } : undefined;
      expect(await refusal(method, `${foreign}/${path}`, body)).toEqual([403, denied(resource)]);
    }
  });

  it('cannot be bound to what is no package, and keep writers out of what they are bound to (1.6, 1.8)', async () => {
    await put(`${own}/packages/real`);
    await put(`${own}/actions/action`, { exec });
    await put(`${own}/packages/alias`, { binding: { namespace: 'guest', name: 'real' } });
    const bind = (name: string) => refusal('PUT', `${own}/packages/new`, { binding: { namespace: '_', name } });
    expect(await bind('alias')).toEqual([400, 'Cannot bind to another package binding.']);
    expect(await bind('nosuch')).toEqual([400, 'Binding references a package that does not exist.']);
    expect(await bind('action')).toEqual([409, 'Cannot bind to a resource that is not a package.']);
    for (const method of ['PUT', 'DELETE']) {
      expect(await refusal(method, `${own}/actions/alias/a`, { exec })).toEqual([
        400,
        'Operation not permitted on package binding.',
      ]);
    }
    expect(await refusal('PUT', `${own}/actions/nosuch/a`, { exec })).toEqual([
      404,
      'The requested resource does not exist.',
    ]);
  });

  it('share one space of names with everything else (2.1)', async () => {
    await put(`${own}/actions/taken`, { exec });
    const text = 'Resource by this name exists but is not in this collection.';
    expect(await refusal('PUT', `${own}/packages/taken?overwrite=true`, {})).toEqual([409, text]);
    expect(await refusal('GET', `${own}/packages/taken`)).toEqual([409, text]);
    expect(await refusal('DELETE', `${own}/packages/taken`)).toEqual([409, text]);
    expect(await refusal('GET', `${own}/actions/taken/`)).toEqual([409, text]);
  });

  it('let a sequence use the actions of shared packages and of bindings (1.6)', async () => {
    await put(`${foreign}/packages/forall`, { publish: true }, asSystem);
    await put(`${foreign}/actions/forall/a`, { exec }, asSystem);
    await put(`${foreign}/packages/forme`, {}, asSystem);
    await put(`${own}/packages/mine`, { binding: { namespace: 'whisk.system', name: 'forall' } });
    const sequence = (component: string) => ({ exec: { kind: 'sequence', components: [component] } });
    await put(`${own}/actions/s1`, sequence('/whisk.system/forall/a'));
    await put(`${own}/actions/s2`, sequence('/_/mine/a'));
    expect(await refusal('PUT', `${own}/actions/s3`, sequence('/whisk.system/forme/a'))).toEqual([
      403,
      "The supplied authentication is not authorized to access 'whisk.system/forme'.",
    ]);
    expect(await refusal('PUT', `${own}/actions/s4`, sequence('/_/mine/nosuch'))).toEqual([
      400,
      'Sequence component does not exist.',
    ]);
  });
});
