// Triggers, rules and fires over REST; each test names the rule of the compatibility notes that it checks. What was fired is looked up in the store.
import { type RestUnderTest, startRest } from './rest-under-test';

const exec = { kind: 'nodejs:20', code: 'function main(a){return a}' };
const own = '/api/v1/namespaces/_';

describe('triggers and rules over REST', () => {
  let rest: RestUnderTest;
  beforeAll(async () => {
    rest = await startRest({ queueRowsCount: 3, payloadBytes: 10_000 });
    await put('actions/a', { exec });
  });
  afterAll(async () => rest.stop());

  const ask = async (method: string, path: string, body?: object) => rest.ask(method, `${own}/${path}`, body);
  const put = async (path: string, body: object = {}) => {
    const answer = await ask('PUT', path, body);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return answer.body as Record<string, unknown>;
  };
  const refusal = async (method: string, path: string, body?: object) => {
    const answer = await ask(method, path, body);
    return [answer.status, (answer.body as { error: string }).error];
  };
  const rule = (trigger: string, action = 'a') => ({ trigger: `/_/${trigger}`, action: `/_/${action}` });
  const drain = async () => {
    const rows = await rest.stores.queue.claim('me', 100, 60_000);
    await rest.stores.queue.start(
      'me',
      rows.map((row) => ({ ...row, timeLimitMs: 1 })),
    );
    return rows.map(({ invocation }) => JSON.parse(invocation) as { action: string; payload: object });
  };
  const fire = async (trigger: string, payload?: object) => {
    const answer = await ask('POST', `triggers/${trigger}`, payload);
    expect(answer.status).toBe(202);
    const { activationId } = answer.body as { activationId: string };
    expect(answer.headers.get('x-openwhisk-activation-id')).toBe(activationId);
    const { body } = await ask('GET', `activations/${activationId}`);
    const { logs, ...record } = body as { logs: string[] };
    return { record, logs: logs.map((line) => JSON.parse(line) as unknown), activationId };
  };

  it('keep a rule’s state with the trigger, and neither’s version changes by it (7.2, A18)', async () => {
    const { updated } = await put('triggers/t');
    await put('rules/r', rule('t'));
    expect((await ask('GET', 'triggers/t')).body).toMatchObject({
      version: '0.0.1',
      updated,
      rules: { 'guest/r': { action: { path: 'guest', name: 'a' }, status: 'active' } },
    });
    const off = await ask('POST', 'rules/r', { status: 'inactive', trigger: null, action: null });
    expect([off.status, off.text, off.headers.get('content-type')]).toEqual([200, 'OK', 'text/plain; charset=UTF-8']);
    expect((await ask('GET', 'rules/r')).body).toMatchObject({ version: '0.0.1', status: 'inactive' });
    expect(await put('rules/r?overwrite=true', { status: 'active' })).toMatchObject({
      version: '0.0.2',
      status: 'inactive',
    });
    expect((await ask('GET', 'rules')).body).toEqual([
      expect.not.objectContaining({ status: expect.anything() as unknown }),
    ]);
    expect((await ask('DELETE', 'rules/r')).body).toMatchObject({ status: 'inactive' });
    expect((await ask('GET', 'triggers/t')).body).toMatchObject({ rules: {} });
  });

  it('move with their rule, which keeps its state (7.2)', async () => {
    for (const name of ['from', 'to']) await put(`triggers/${name}`);
    await put('rules/moving', rule('from'));
    await ask('POST', 'rules/moving', { status: 'inactive' });
    expect(await put('rules/moving?overwrite=true', { trigger: '/guest/to' })).toMatchObject({ status: 'inactive' });
    expect((await ask('GET', 'triggers/from')).body).toMatchObject({ rules: {} });
    expect((await ask('GET', 'triggers/to')).body).toMatchObject({ rules: { 'guest/moving': { status: 'inactive' } } });
  });

  it('do not come back to a rule that lost its trigger until it is updated and enabled (7.2)', async () => {
    await put('triggers/gone');
    await put('rules/left', rule('gone'));
    await ask('DELETE', 'triggers/gone');
    expect((await ask('GET', 'rules/left')).body).toMatchObject({ status: 'inactive' });
    expect(await refusal('POST', 'rules/left', { status: 'active' })).toEqual([
      404,
      'Only rules with existing triggers can be activated',
    ]);
    expect((await ask('POST', 'rules/left', { status: 'inactive' })).status).toBe(200);
    await put('triggers/gone');
    expect((await ask('GET', 'rules/left')).body).toMatchObject({ status: 'inactive' });
    expect(await put('rules/left?overwrite=true')).toMatchObject({ status: 'inactive' });
    await ask('POST', 'rules/left', { status: 'active' });
    expect((await ask('GET', 'rules/left')).body).toMatchObject({ status: 'active' });
  });

  it('lose no rule of many that are put at once', async () => {
    await put('triggers/busy');
    const names = Array.from({ length: 6 }, (_, index) => `busy${index}`);
    await Promise.all(names.map((name) => put(`rules/${name}`, rule('busy'))));
    const { body } = await ask('GET', 'triggers/busy');
    expect(Object.keys((body as { rules: object }).rules).sort()).toEqual(names.map((name) => `guest/${name}`));
  });

  it.each([
    ['triggers/feed', { annotations: [{ key: 'feed', value: 'a$b' }] }, 400, 'Feed name is not valid'],
    ['triggers/feed', { annotations: [{ key: 'feed', value: 1 }] }, 400, 'Feed name is not valid'],
    ['triggers/a', {}, 409, 'Resource by this name exists but is not in this collection.'],
    ['rules/a', rule('t'), 409, 'Resource by this name exists but is not in this collection.'],
    ['rules/new', { trigger: '/_/t' }, 400, 'rule requires a valid trigger and a valid action'],
    ['rules/new', rule('nosuch'), 400, 'trigger /guest/nosuch does not exist'],
    ['rules/new', rule('t', 'nosuch'), 400, 'action /guest/nosuch does not exist'],
    ['rules/new', rule('t', 'p/nosuch'), 404, 'The requested resource does not exist.'],
    [
      'rules/new',
      { trigger: '/whisk.system/t', action: '/_/a' },
      403,
      "The supplied authentication is not authorized to access 'whisk.system/t'.",
    ],
    [
      'rules/new',
      { trigger: '/_/t', action: '/whisk.system/p/a' },
      403,
      "The supplied authentication is not authorized to access 'whisk.system/p'.",
    ],
  ])('refuse %s %j (1.9, 2.1)', async (path, body, status, error) => {
    expect(await refusal('PUT', path, body)).toEqual([status, error]);
  });

  it('fire: what the rules’ actions get, and what is recorded (7.1, R13, A19)', async () => {
    await put('triggers/all', {
      parameters: [
        { key: 'p', value: 1 },
        { key: 'q', value: 1 },
      ],
    });
    for (const name of ['first', 'second', 'third']) await put(`rules/${name}`, rule('all'));
    await ask('POST', 'rules/second', { status: 'inactive' });
    const { record, logs } = await fire('all', { q: 2, x: 3 });
    expect(record).toEqual({
      activationId: expect.any(String) as string,
      annotations: [],
      name: 'all',
      namespace: 'guest',
      publish: false,
      response: { result: { q: 2, x: 3 }, status: 'success', success: true },
      start: expect.any(Number) as number,
      subject: 'guest',
      version: '0.0.1',
    });
    const done = { statusCode: 0, success: true, activationId: expect.any(String) as string, action: 'guest/a' };
    // A rule whose state was changed is the last one of its trigger.
    expect(logs).toEqual([
      { ...done, rule: 'guest/first' },
      { ...done, rule: 'guest/third' },
      {
        statusCode: 1,
        success: false,
        rule: 'guest/second',
        error: "Rule 'guest/second' is inactive, action 'guest/a' was not activated.",
        action: 'guest/a',
      },
    ]);
    const rows = await drain();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ action: 'guest/a', payload: { p: 1, q: 2, x: 3 } });
    const { __ow_headers: headers } = rows[0]!.payload as { __ow_headers: Record<string, string> };
    expect(headers).toMatchObject({ authorization: expect.stringMatching(/^Basic /) as string });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['content-type']));
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['content-length']));
  });

  it('fire past an action that is gone, and say so (7.1)', async () => {
    await put('actions/doomed', { exec });
    await put('triggers/mixed');
    await put('rules/bad', rule('mixed', 'doomed'));
    await put('rules/good', rule('mixed'));
    await ask('DELETE', 'actions/doomed');
    const { logs } = await fire('mixed');
    expect(logs).toMatchObject([
      { statusCode: 1, success: false, rule: 'guest/bad', error: 'The requested resource does not exist.' },
      { statusCode: 0, success: true, rule: 'guest/good' },
    ]);
    expect(await drain()).toHaveLength(1);
  });

  it('answer 204 and record nothing without an active rule (7.1, A19)', async () => {
    await put('triggers/quiet');
    const before = (await ask('GET', 'activations?count=true')).text;
    const answer = await ask('POST', 'triggers/quiet', { x: 1 });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('x-openwhisk-activation-id')).toBeNull();
    expect((await ask('GET', 'activations?count=true')).text).toBe(before);
  });

  it('refuse a payload that is too large or no object, and a fire for which there is no room (1.2, 1.7)', async () => {
    await put('triggers/full');
    for (const name of ['f1', 'f2', 'f3', 'f4']) await put(`rules/${name}`, rule('full'));
    expect(await refusal('POST', 'triggers/full', { x: 'x'.repeat(10_000) })).toEqual([
      413,
      'Request larger than allowed: 10008 > 10000 bytes.',
    ]);
    expect(await refusal('POST', 'triggers/full', [1])).toEqual([
      400,
      'The request content was malformed:\nJSON object expected',
    ]);
    expect(await refusal('POST', 'triggers/full')).toEqual([503, expect.any(String)]);
    expect(await drain()).toHaveLength(0);
    expect(await refusal('POST', 'triggers/nosuch')).toEqual([404, 'The requested resource does not exist.']);
  });
});
