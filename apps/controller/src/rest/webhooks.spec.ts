// Webhooks over REST. What was fired is looked up in the store.
import { type RestUnderTest, startRest, system } from './rest-under-test';

const exec = { kind: 'nodejs:20', code: 'function main(a){return a}' };
const own = '/api/v1/namespaces/_';
const nobody = { authorization: '' };
const json = { ...nobody, 'content-type': 'application/json' };
const form = { ...nobody, 'content-type': 'application/x-www-form-urlencoded' };
const systemUser = { authorization: `Basic ${Buffer.from(`${system.uuid}:${system.key}`).toString('base64')}` };

interface Made {
  readonly path: string;
  readonly token: string;
  readonly headers: readonly string[];
}

/** Wrong tokens of one address a minute. */
const wrongMost = 40;

describe('webhooks', () => {
  let rest: RestUnderTest;
  let made: Made;
  beforeEach(async () => {
    rest = await startRest({ payloadBytes: 1_000, webhookHeadersCount: 2, webhookWrongTokensPerMinute: wrongMost });
    await rest.ask('PUT', `${own}/actions/a`, { exec });
    await rest.ask('PUT', `${own}/triggers/t`, { parameters: [{ key: 'p', value: 1 }] });
    await rest.ask('PUT', `${own}/rules/r`, { trigger: '/_/t', action: '/_/a' });
    made = await make({ headers: ['X-Event', 'x-signature'] });
  });
  afterEach(() => rest.stop());

  const hook = '/hearth/v1/webhooks/_/t';
  const make = async (body: object) => {
    const { status, body: answer } = await rest.ask('PUT', hook, body);
    expect(status).toBe(200);
    return answer as Made;
  };
  const fired = async () =>
    (await rest.stores.queue.claim('me', 100, 60_000)).map(
      ({ invocation }) => (JSON.parse(invocation) as { payload: unknown }).payload,
    );
  const errorOf = ({ status, body }: { status: number; body: unknown }) => [
    status,
    (body as { error: string } | undefined)?.error,
  ];

  it('fire their trigger as its owner, with the body and the chosen headers, without credentials', async () => {
    expect(made).toEqual({
      path: `/hearth/v1/hooks/guest/t/${made.token}`,
      token: expect.stringMatching(/^[\w-]{43}$/) as string,
      headers: ['x-event', 'x-signature'],
    });
    const answer = await rest.ask('POST', made.path, { x: 2 }, { ...json, 'X-Event': 'push', 'x-other': 'no' });
    expect(answer.status).toBe(202);
    const { activationId } = answer.body as { activationId: string };
    expect(await fired()).toEqual([{ p: 1, x: 2, __ow_headers: { 'x-event': 'push' } }]);
    expect((await rest.ask('GET', `${own}/activations/${activationId}`)).body).toMatchObject({
      name: 't',
      namespace: 'guest',
      subject: 'guest',
      response: { result: { x: 2 } },
    });
    expect(rest.admitted).toEqual(['guest']);
  });

  it.each([
    ['a form', 'a=1&a=2&b=x+y', form, { a: '2', b: 'x y' }],
    ['a relative of JSON', '{"a":1}', { ...nobody, 'content-type': 'application/cloudevents+json' }, { a: 1 }],
    ['nothing', undefined, nobody, {}],
  ])('take %s', async (_, body, headers, payload) => {
    expect((await rest.ask('POST', made.path, body, headers)).status).toBe(202);
    expect(await fired()).toEqual([{ p: 1, ...payload }]);
  });

  it.each([
    ['no object', '[1]', json, 400],
    ['no JSON', '{', json, 400],
    ['another type', '<a/>', { ...nobody, 'content-type': 'text/xml' }, 415],
    ['too much', JSON.stringify({ x: 'x'.repeat(1_000) }), json, 413],
  ])('refuse %s', async (_, body, headers, status) => {
    expect((await rest.ask('POST', made.path, body, headers)).status).toBe(status);
    expect(await fired()).toEqual([]);
  });

  it('answer 204 when no rule is active', async () => {
    await rest.ask('POST', `${own}/rules/r`, { status: 'inactive' });
    expect((await rest.ask('POST', made.path, {}, json)).status).toBe(204);
  });

  it('answer the same 404 to everything that is wrong, and count nothing', async () => {
    await rest.ask('PUT', `${own}/triggers/bare`, {});
    const wrong = made.token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    const answers = [];
    for (const path of [
      ...[`guest/t/${wrong}`, `guest/t/short`, `guest/bare/${made.token}`, `guest/bare/${'A'.repeat(43)}`],
      ...[`guest/nosuch/${made.token}`, `guest/a/${made.token}`, `nosuch/t/${made.token}`, `a$b/t/${made.token}`],
      ...[`_/t/${made.token}`, `guest/t/${made.token}%20`],
    ])
      answers.push(errorOf(await rest.ask('POST', `/hearth/v1/hooks/${path}`, '[', json)));
    await rest.stores.subjects.setBlocked('guest', true);
    answers.push(errorOf(await rest.ask('POST', made.path, {}, json)));
    expect(answers).toEqual(Array(11).fill([404, 'The requested resource does not exist.']));
    expect([rest.admitted, await fired()]).toEqual([[], []]);
  });

  it('cost the store one look for each trigger that is named, however many tokens are tried', async () => {
    const guess = (trigger: string) =>
      rest.ask('POST', `/hearth/v1/hooks/guest/${trigger}/${'A'.repeat(43)}`, {}, json);
    for (const trigger of ['t', 'nosuch']) expect((await guess(trigger)).status).toBe(404);
    const before = rest.stores.queries();
    for (let at = 0; at < 10; at += 1) for (const trigger of ['t', 'nosuch']) await guess(trigger);
    expect(rest.stores.queries()).toBe(before);
    // The right one is noticed all the same, and one that is made later, too.
    expect((await rest.ask('POST', made.path, {}, json)).status).toBe(202);
    await rest.ask('PUT', `${own}/triggers/nosuch`, {});
    const later = (await rest.ask('PUT', '/hearth/v1/webhooks/_/nosuch', {})).body as Made;
    expect((await rest.ask('POST', later.path, {}, json)).status).toBe(204);
  });

  it('are not searched for by guessing: 429 after so many wrong tokens of an address, but where the digest is known', async () => {
    expect((await rest.ask('POST', made.path, {}, json)).status).toBe(202);
    const answers = [];
    // A new minute may begin once meanwhile.
    for (let at = 0; at <= 2 * wrongMost && answers.at(-1)?.[0] !== 429; at += 1)
      answers.push(errorOf(await rest.ask('POST', `/hearth/v1/hooks/guest/x${at}/${made.token}`, {}, json)));
    expect(answers.length).toBeGreaterThan(wrongMost);
    expect(answers.at(-1)).toEqual([
      429,
      `Too many requests in the last minute (count: ${wrongMost + 1}, allowed: ${wrongMost}).`,
    ]);
    expect((await rest.ask('POST', made.path, {}, json)).status).toBe(202);
  });

  it('get another token, and none, and end with their trigger', async () => {
    const post = async (path: string) => (await rest.ask('POST', path, {}, json)).status;
    const next = await make({});
    expect([await post(made.path), await post(next.path), next.headers]).toEqual([404, 202, []]);
    const shown = await rest.ask('GET', hook);
    expect([shown.status, shown.body]).toEqual([200, { headers: [] }]);
    await rest.ask('PUT', `${own}/triggers/t?overwrite=true`, {});
    await rest.ask('POST', `${own}/rules/r`, { status: 'inactive' });
    expect(await post(next.path)).toBe(204);

    expect((await rest.ask('DELETE', hook)).status).toBe(200);
    expect([await post(next.path), (await rest.ask('GET', hook)).status]).toEqual([404, 404]);
    expect((await rest.ask('DELETE', hook)).status).toBe(404);

    const last = await make({});
    await rest.ask('DELETE', `${own}/triggers/t`);
    await rest.ask('PUT', `${own}/triggers/t`, {});
    expect(await post(last.path)).toBe(404);
  });

  it('are their owner’s alone, and show nothing in the trigger', async () => {
    const body = JSON.stringify({});
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const sent = method === 'PUT' ? body : undefined;
      const of = (headers: object) =>
        rest.ask(method, '/hearth/v1/webhooks/guest/t', sent, { 'content-type': 'application/json', ...headers });
      expect([(await of(systemUser)).status, (await of(nobody)).status]).toEqual([403, 401]);
    }
    expect((await rest.ask('GET', `${own}/triggers/t`)).text).not.toMatch(/webhook|digest/);
    const stored = JSON.stringify(await rest.stores.artifacts.get({ path: 'guest', name: 't' }));
    expect(stored).toContain('digest');
    expect(stored).not.toContain(made.token);
  });

  it.each([{ headers: 'x' }, { headers: [1] }, { headers: ['a b'] }, { headers: ['a', 'b', 'c'] }])(
    'refuse %j',
    async (body) => {
      expect(errorOf(await rest.ask('PUT', hook, body))).toEqual([
        400,
        'headers has to be a list of at most 2 names of HTTP headers.',
      ]);
      expect((await rest.ask('PUT', '/hearth/v1/webhooks/_/nosuch', {})).status).toBe(404);
    },
  );
});
