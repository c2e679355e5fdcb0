// What `wsk` sends, command by command, with the members that it sends for no reason; and each answer judged as `wsk` judges it.
//
// Not the program itself: the calls are those that its source makes, told as a transcript. A command is one test; later ones use what earlier
// ones made.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { type Json, type RawAnswer, rawRequest } from '../support/raw-http';
import { until } from '../support/until';

const agent = { 'user-agent': 'OpenWhisk-CLI/1.0 (2021-04-01T23:49:54.523+0000) linux amd64' };
const echo = 'function main(args) { return args }';

/** What the command would end with: 0, or the status modulo 256; the CLI's own texts for what it cannot read make the test fail. */
function exitCode(answer: RawAnswer): number {
  const { status, text } = answer;
  if (status < 400) return status === 202 ? 202 : 0;
  const body = answer.json as { error?: unknown; code?: unknown; response?: { status?: string } };
  const isJudged = body.error !== undefined && body.code !== undefined && body.error !== null && body.code !== null;
  const isApplicationError = status === 502 && body.code === undefined;
  if (!isJudged && !isApplicationError) throw new Error(`wsk would say that the connection failed: ${status} ${text}`);
  return isApplicationError ? 246 : status % 256;
}

describe('wsk', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  /** One call of a command; the exit code that follows from it is checked. */
  async function call(method: string, path: string, body?: unknown, exit = 0): Promise<RawAnswer> {
    const answer = await guest.call(method, path, body, agent);
    expect([path, exitCode(answer), answer.text.slice(0, 200)]).toEqual([path, exit, expect.any(String)]);
    return answer;
  }
  const json = async (method: string, path: string, body?: unknown): Promise<Json> =>
    (await call(method, path, body)).json as Json;
  const annotationsOf = (entity: Json): Record<string, unknown> =>
    Object.fromEntries((entity.annotations as Json[]).map(({ key, value }: Json) => [key, value]));
  const names = (list: Json): string[] => (list as Json[]).map(({ name }: Json) => name as string).sort();

  it('property get --all', async () => {
    const { status, json: info } = await rawRequest(guest.url('/api/v1'), { headers: agent });
    expect([status, typeof info.build, typeof info.buildno]).toEqual([200, 'string', 'string']);
  });

  it('namespace list, property set --namespace', async () => {
    expect(await json('GET', '/api/v1/namespaces')).toEqual(['guest']);
  });

  it('action create', async () => {
    const body = {
      namespace: '_',
      name: 'hello',
      exec: { kind: 'nodejs:default', code: echo, image: '', init: '', jar: '' },
      parameters: [{ key: 'who', value: 'world' }],
      env: [],
      limits: { memory: 256 },
      updated: 0,
      actions: [],
      feeds: [],
      status: '',
    };
    expect(await json('PUT', 'actions/hello?overwrite=false', body)).toMatchObject({
      name: 'hello',
      version: '0.0.1',
      limits: { timeout: 60000, memory: 256 },
    });
    await call('PUT', 'actions/hello?overwrite=false', body, 153);
    await call('PUT', 'actions/none?overwrite=false', { name: 'none', exec: { kind: 'cobol:1', code: 'x' } }, 144);
  });

  it('action update without a file, of one that is there and of one that is not', async () => {
    const fetched = await json('GET', 'actions/hello?code=false');
    const { exec, version, ...rest } = fetched;
    expect([exec.code, version]).toEqual([undefined, '0.0.1']);
    const annotations = [...fetched.annotations, { key: 'web-export', value: true }, { key: 'x', value: 1 }];
    const updated = await json('PUT', 'actions/hello?overwrite=true', { ...rest, annotations });
    expect(updated).toMatchObject({ version: '0.0.2', exec: { code: echo } });
    const less = { namespace: '_', name: 'hello', delAnnotations: ['x', 'not there'] };
    expect(annotationsOf(await json('PUT', 'actions/hello?overwrite=true', less))).not.toHaveProperty('x');
    await call('GET', 'actions/absent?code=false', undefined, 148);
    await call('PUT', 'actions/absent?overwrite=true', { name: 'absent', annotations: [] }, 144);
  });

  it.each([
    ['true', [true, false, true], undefined, 200],
    ['raw', [true, true, true], undefined, 200],
    ['no', [false, false, false], undefined, 404],
    ['true --web-secure true', [true, false, true], 4_839_457_813_274_109, 401],
    ['true --web-secure s', [true, false, true], 's', 401],
  ])('action update --web %s', async (_, [isWeb, isRaw, isFinal], secret, status) => {
    const annotations = [
      { key: 'web-export', value: isWeb },
      { key: 'raw-http', value: isRaw },
      { key: 'final', value: isFinal },
      ...(secret === undefined ? [] : [{ key: 'require-whisk-auth', value: secret }]),
    ];
    await call('PUT', 'actions/hello?overwrite=true', { namespace: '_', name: 'hello', annotations });
    const url = guest.url('/api/v1/web/guest/default/hello.json');
    expect((await rawRequest(url)).status).toBe(status);
    if (secret === undefined) return;
    const headers = { 'x-require-whisk-auth': String(secret) };
    expect((await rawRequest(url, { headers })).status).toBe(200);
    const removed = { name: 'hello', annotations, delAnnotations: ['require-whisk-auth'] };
    await call('PUT', 'actions/hello?overwrite=true', { ...removed, annotations: annotations.slice(0, 3) });
    expect((await rawRequest(url)).status).toBe(200);
  });

  it('action create --sequence, --copy', async () => {
    const exec = { kind: 'sequence', components: ['/_/hello', '/guest/hello'], code: '', image: '', init: '', jar: '' };
    const sequence = { namespace: '_', name: 'twice', exec };
    expect((await json('PUT', 'actions/twice?overwrite=false', sequence)).exec.components).toEqual([
      '/guest/hello',
      '/guest/hello',
    ]);
    expect(await json('POST', 'actions/twice?blocking=true&result=true', { n: 1 })).toMatchObject({
      n: 1,
      who: 'world',
    });
    const source = await json('GET', 'actions/hello?code=true');
    const copy = await json('PUT', 'actions/copy?overwrite=false', {
      ...source,
      name: 'copy',
      updated: 0,
    });
    expect(copy).toMatchObject({ name: 'copy', exec: { code: echo } });
  });

  it('action get, list', async () => {
    expect(await json('GET', 'actions/hello?code=true')).toMatchObject({ name: 'hello', exec: { kind: 'nodejs:20' } });
    expect(names(await json('GET', 'actions?limit=30&skip=0'))).toEqual(['copy', 'hello', 'twice']);
    await call('GET', 'actions/absent?code=true', undefined, 148);
  });

  it('action invoke', async () => {
    const accepted = await call('POST', 'actions/hello?blocking=false&result=false', {}, 202);
    expect(accepted.json.activationId).toMatch(/^[0-9a-f]{32}$/);
    expect((await json('POST', 'actions/hello?blocking=true&result=false', {})).response.success).toBe(true);
    expect(await json('POST', 'actions/hello?blocking=true&result=true', { a: 1 })).toEqual({ who: 'world', a: 1 });
    await guest.putAction('fails', 'function main() { return { error: "no luck" } }');
    const failed = await call('POST', 'actions/fails?blocking=true&result=false', {}, 246);
    expect(failed.json.response).toMatchObject({ status: 'application error', result: { error: 'no luck' } });
    const bare = await call('POST', 'actions/fails?blocking=true&result=true', {}, 246);
    expect(bare.json).toEqual({ error: 'no luck' });
    await call('POST', 'actions/absent?blocking=true&result=false', {}, 148);
  });

  it('activation list, get, logs, result, --last, poll', async () => {
    const { activationId, start } = await json('POST', 'actions/hello?blocking=true&result=false', {});
    await guest.record(activationId as string);
    const listed = await json('GET', 'activations?limit=30&name=hello&skip=0');
    const item = (listed as Json[]).find((one: Json) => one.activationId === activationId);
    expect(item).toMatchObject({
      namespace: 'guest',
      name: 'hello',
      statusCode: 0,
      version: expect.any(String) as string,
    });
    expect([typeof item.start, typeof item.end, typeof item.duration]).toEqual(['number', 'number', 'number']);
    expect(annotationsOf(item).kind).toBe('nodejs:20');
    expect(await json('GET', 'activations?limit=1&skip=0')).toHaveLength(1);
    expect((await json('GET', `activations/${activationId}`)).activationId).toBe(activationId);
    expect(await json('GET', `activations/${activationId}/logs`)).toEqual({ logs: [] });
    expect(await json('GET', `activations/${activationId}/result`)).toMatchObject({ success: true });
    const since = Number(start);
    const polled = await json('GET', `activations?docs=true&limit=0&since=${since}&skip=0`);
    expect((polled as Json[]).map((one: Json) => one.activationId)).toContain(activationId);
    expect((polled as Json[]).every((one: Json) => Array.isArray(one.logs))).toBe(true);
    await call('GET', `activations/${'0'.repeat(32)}`, undefined, 148);
  });

  it('package create, update, bind, get, list, refresh', async () => {
    const body = { namespace: '_', name: 'kit' };
    await call('PUT', 'packages/kit?overwrite=false', {
      ...body,
      actions: [],
      feeds: [],
      updated: 0,
    });
    expect(await json('PUT', 'packages/kit?overwrite=true', { ...body, publish: true })).toMatchObject({
      publish: true,
    });
    await call('PUT', 'actions/kit/echo?overwrite=false', {
      name: 'kit/echo',
      exec: { kind: 'nodejs:20', code: echo },
    });
    const binding = { name: 'bound', binding: { namespace: '_', name: 'kit' }, parameters: [{ key: 'p', value: 'P' }] };
    await call('PUT', 'packages/bound?overwrite=false', { ...binding });
    expect(await json('POST', 'actions/bound/echo?blocking=true&result=true', {})).toEqual({ p: 'P' });
    const bound = await json('GET', 'packages/bound');
    expect(bound).toMatchObject({ name: 'bound', binding: { namespace: 'guest', name: 'kit' } });
    expect(names(bound.actions)).toEqual(['echo']);
    expect(names(await json('GET', 'packages?limit=30&skip=0'))).toEqual(['bound', 'kit']);
    expect(names(await json('GET', 'actions/kit/?limit=30&skip=0'))).toEqual(['echo']);
    await call('POST', 'packages/refresh', undefined, 148);
  });

  it('trigger create, update, get, fire', async () => {
    const trigger = { namespace: '_', name: 'bell' };
    await call('PUT', 'triggers/bell?overwrite=false', { ...trigger, rules: {}, updated: 0 });
    await call('GET', 'triggers/absent', undefined, 148);
    const parameters = [{ key: 'tone', value: 'low' }];
    expect(await json('PUT', 'triggers/bell?overwrite=true', { ...trigger, parameters })).toMatchObject({ parameters });
    expect(names(await json('GET', 'triggers?limit=30&skip=0'))).toEqual(['bell']);
    const unheard = await call('POST', 'triggers/bell', {});
    expect([unheard.status, unheard.text]).toEqual([204, '']);
  });

  it('trigger create --feed, get, delete', async () => {
    const annotations = [{ key: 'feed', value: true }];
    await guest.putAction('kit/feed', echo, { annotations });
    const made = { name: 'fed', annotations: [{ key: 'feed', value: '/_/kit/feed' }] };
    await call('PUT', 'triggers/fed?overwrite=false', made);
    for (const lifecycleEvent of ['CREATE', 'READ', 'UPDATE', 'DELETE']) {
      const asked = { lifecycleEvent, triggerName: '/_/fed', authKey: platform.apiKey };
      const { response } = await json('POST', 'actions/kit/feed?blocking=true&result=false', asked);
      expect(response).toMatchObject({ success: true, result: asked });
    }
    expect(annotationsOf(await json('GET', 'triggers/fed')).feed).toBe('/_/kit/feed');
    await call('DELETE', 'triggers/fed');
  });

  it('rule create, status, disable, enable, list, delete --disable', async () => {
    const rule = {
      name: 'ring',
      status: '',
      trigger: '/guest/bell',
      action: '/guest/hello',
    };
    expect(await json('PUT', 'rules/ring?overwrite=false', { ...rule, namespace: '_' })).toMatchObject({
      status: 'active',
    });
    expect(await json('PUT', 'rules/ring?overwrite=true', rule)).toMatchObject({ status: 'active' });
    const set = (status: string) => call('POST', 'rules/ring', { status, trigger: null, action: null });
    expect((await set('inactive')).status).toBe(200);
    expect((await json('GET', 'rules/ring')).status).toBe('inactive');
    await set('active');
    expect((await json('GET', 'rules/ring')).status).toBe('active');
    for (const name of names(await json('GET', 'rules?limit=30&skip=0'))) await call('GET', `rules/${name}`);
    const before = await guest.recordCount('hello');
    const fired = await call('POST', 'triggers/bell', { n: 1 }, 202);
    expect(fired.json.activationId).toMatch(/^[0-9a-f]{32}$/);
    await until('the rule has run its action', async () => (await guest.recordCount('hello')) === before + 1);
    await set('inactive');
    await call('DELETE', 'rules/ring');
    await call('GET', 'rules/ring', undefined, 148);
  });

  it('namespace get, list', async () => {
    for (const collection of ['actions', 'packages', 'triggers', 'rules']) {
      expect(Array.isArray(await json('GET', `${collection}?limit=0&skip=0`))).toBe(true);
    }
  });

  it('api list: there is no API gateway, and wsk says that its action does not exist', async () => {
    const lookUp = await guest.call('GET', '/api/v1/namespaces/whisk.system/actions/apimgmt/getApi', undefined, agent);
    expect([147, 148]).toContain(exitCode(lookUp));
    const answer = await guest.call(
      'GET',
      '/api/v1/web/whisk.system/apimgmt/getApi.http?accesstoken=x',
      undefined,
      agent,
    );
    expect(exitCode(answer)).toBe(148);
  });

  it('delete', async () => {
    await call('DELETE', 'triggers/bell');
    for (const name of ['kit/echo', 'kit/feed', 'twice', 'copy', 'hello']) await call('DELETE', `actions/${name}`);
    await call('DELETE', 'packages/bound');
    await call('DELETE', 'packages/kit');
    await call('DELETE', 'actions/hello', undefined, 148);
  });
});
