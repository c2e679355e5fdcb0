// A second subject tries every route of the OpenAPI document on what belongs to the first one: the table of rights holds (compatibility notes, 5.3).
import { runCommand } from '../identity/commands';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import type { OpenApi } from './malformed';

const ownerKey = `33333333-2222-4333-8444-555555555555:${'v'.repeat(64)}`;
const marker = 'Marker0f0fTheOwner';
const exec = { kind: 'nodejs:20', code: `function main() { return { s: '${marker}' } }` };
const bodies: Readonly<Record<string, unknown>> = {
  actions: { exec },
  packages: {},
  triggers: {},
  rules: { trigger: '/_/bell', action: '/_/hidden' },
};

/** Paths as the second subject fills them in, with what it may: the rest is 403. */
interface Attempt {
  readonly method: string;
  readonly path: string;
}

function attempts({ paths }: OpenApi, packageName: string, action: string, activationId: string): Attempt[] {
  const nameOf: Readonly<Record<string, string>> = {
    packages: packageName,
    triggers: 'bell',
    rules: 'rope',
    actions: 'hidden',
    limits: 'x',
  };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/namespaces/{namespace}/'))
    .flatMap(([path, item]) => {
      const [, , , , , collection = ''] = path.split('/');
      const filled = path
        .replace('{namespace}', 'owner1')
        .replace('{package}', packageName)
        .replace('{activationId}', activationId)
        .replace('{name}', path.includes('{package}') ? action : nameOf[collection]!);
      return Object.keys(item).map((method) => ({ method: method.toUpperCase(), path: filled }));
    });
}

describe('what belongs to somebody else', () => {
  let platform: Platform;
  let owner: Guest;
  let other: Guest;
  let document: OpenApi;
  let activationId: string;

  beforeAll(async () => {
    platform = await startPlatform();
    await runCommand(['user', 'create', 'owner1', '-u', ownerKey], platform.commandEnv);
    owner = new Guest({ apiHost: platform.apiHost, apiKey: ownerKey });
    other = new Guest(platform);
    const parameters = [{ key: 'secret', value: marker }];
    await owner.putAction('hidden', exec.code, { parameters });
    await owner.call('PUT', 'packages/closed', { parameters });
    await owner.call('PUT', 'packages/open', { publish: true });
    for (const name of ['closed', 'open']) await owner.call('PUT', `actions/${name}/inner`, { exec });
    await owner.call('PUT', 'triggers/bell', { parameters });
    await owner.call('PUT', 'rules/rope', bodies.rules);
    activationId = (await owner.invoke('hidden')).json.activationId as string;
    await owner.record(activationId);
    document = (await other.call('GET', '/api/v1/openapi.json')).json as OpenApi;
  }, 120_000);
  afterAll(() => platform.stop());

  const everything = async (): Promise<unknown[]> =>
    Promise.all(
      [
        'actions',
        'packages',
        'triggers',
        'rules',
        'actions/hidden',
        'packages/closed',
        'packages/open',
        'triggers/bell',
        'rules/rope',
      ].map(async (path) => (await owner.call('GET', path)).json as unknown),
    );

  it.each(['closed', 'open', 'missing'])('is out of reach on every route, with package %s', async (packageName) => {
    const before = await everything();
    const answered: Record<string, number> = {};
    for (const { method, path } of attempts(document, packageName, 'inner', activationId)) {
      const collection = path.split('/')[5]!;
      const body = method === 'PUT' ? bodies[collection] : method === 'POST' ? { status: 'inactive' } : undefined;
      const answer = await other.call(method, path, body);
      const key = `${method} ${path.replace('/api/v1/namespaces/owner1/', '').replace(activationId, 'ID')}`;
      answered[key] = answer.status;
      const mayRead = packageName === 'open' && /actions\/open\/inner$/.test(path);
      if (!mayRead) expect(`${key}: ${answer.text}`).not.toContain(marker);
      if (answer.status === 403)
        expect(answer.json.error).toMatch(/^The supplied authentication is not authorized to access 'owner1/);
    }
    // Everything else is 403.
    const allowed = Object.fromEntries(Object.entries(answered).filter(([, status]) => status !== 403));
    expect(allowed).toEqual({
      'GET packages': 200,
      'GET limits/x': allowed['GET limits/x'],
      ...(packageName === 'open'
        ? { 'GET packages/open': 200, 'GET actions/open/inner': 200, 'POST actions/open/inner': 202 }
        : {}),
    });
    expect(Object.keys(answered).length).toBeGreaterThan(25);
    expect(await everything()).toEqual(before);
  });

  it('is listed only as far as it is shared', async () => {
    const { json } = await other.call('GET', '/api/v1/namespaces/owner1/packages');
    expect((json as { name: string }[]).map(({ name }) => name)).toEqual(['open']);
    const inside = await other.call('GET', '/api/v1/namespaces/owner1/actions/open/');
    expect([inside.status, (json as unknown[]).length]).toEqual([200, 1]);
    expect((await other.call('GET', '/api/v1/namespaces/owner1/actions/closed/')).status).toBe(403);
  });

  it('leaves records where the caller is: what a second subject runs of the first one is not in the first one’s list', async () => {
    const ran = await other.call('POST', '/api/v1/namespaces/owner1/actions/open/inner?blocking=true', {});
    expect(ran.status).toBe(200);
    const id = ran.json.activationId as string;
    await other.record(id);
    expect((await owner.call('GET', `activations/${id}`)).status).toBe(404);
    expect((await other.call('GET', `activations/${activationId}`)).status).toBe(404);
    expect((await other.call('GET', `activations/${activationId}/logs`)).status).toBe(404);
  });

  it('is not invoked by way of a rule, a sequence or a binding either', async () => {
    await other.call('PUT', 'triggers/mine', {});
    const answers = [
      await other.call('PUT', 'rules/mine', { trigger: '/_/mine', action: '/owner1/hidden' }),
      await other.call('PUT', 'rules/mine', { trigger: '/owner1/bell', action: '/owner1/open/inner' }),
      await other.call('PUT', 'actions/chain', { exec: { kind: 'sequence', components: ['/owner1/hidden'] } }),
      await other.call('PUT', 'actions/chain', { exec: { kind: 'sequence', components: ['/owner1/closed/inner'] } }),
      await other.call('PUT', 'packages/mine', { binding: { namespace: 'owner1', name: 'closed' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    for (const { text } of answers) expect(text).not.toContain(marker);
  });
});
