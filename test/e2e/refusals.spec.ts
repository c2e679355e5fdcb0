// Requests that are refused: who calls, what is asked, how it is said. Status, headers and body as OpenWhisk's, and nothing runs.
import { activationIdPattern, cors, expectAnswer, expectError } from '../support/answers';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { guestKey, type Platform, startPlatform } from '../support/platform';
import { rawRequest } from '../support/raw-http';

const realm = 'Basic realm="OpenWhisk secure realm",charset=UTF-8';
const noCredentials = 'The resource requires authentication, which was not supplied with the request';
const badCredentials = 'The supplied authentication is invalid';
const malformed = 'The request content was malformed:\n';
const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

describe('a request', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
    await guest.putAction('echo', 'function main(args) { return args }');
  });
  afterAll(() => platform.stop());

  it.each([
    ['no credentials', {}, noCredentials],
    ['another scheme', { authorization: 'Bearer abc' }, noCredentials],
    ['no base64', { authorization: 'Basic !!!' }, noCredentials],
    ['no colon', basic('nonsense'), badCredentials],
    ['an unknown uuid', basic(guestKey.replace('23bc', '99bc')), badCredentials],
    ['a wrong key', basic(`${guestKey.slice(0, -1)}Q`), badCredentials],
    ['a short key', basic(guestKey.slice(0, -1)), badCredentials],
  ])('with %s: 401, for reading and for invoking', async (_, headers, error) => {
    for (const [method, path] of [
      ['GET', 'actions'],
      ['POST', 'actions/echo'],
    ] as const) {
      const answer = await rawRequest(guest.url(path), { method, headers: headers });
      expectError(answer, 401, error, { hasCors: false });
      expect(answer.headers['www-authenticate']).toBe(realm);
    }
  });

  it('with a wrong key: the client says so', async () => {
    const client = clientOf(platform, `${guestKey.slice(0, -1)}Q`);
    await expect(client.actions.list()).rejects.toMatchObject({ statusCode: 401, error: { error: badCredentials } });
  });

  it('for an action that is not there: 404, with CORS and without an activation id', async () => {
    const answer = await guest.invoke('nosuch');
    expectError(answer, 404, 'The requested resource does not exist.');
    expect(answer.headers['x-openwhisk-activation-id']).toBeUndefined();
    await expect(clientOf(platform).actions.get('nosuch')).rejects.toMatchObject({ statusCode: 404 });
  });

  it.each([
    ['GET', '/api/v1/namespaces/_/nonsense'],
    ['PATCH', '/api/v1/namespaces/_/actions/echo'],
    ['POST', '/api/v1/namespaces/_/actions'],
    ['DELETE', '/api/v1/namespaces/_/activations'],
  ])('that no route knows: 404 without CORS (%s %s)', async (method, path) => {
    expectError(await guest.call(method, path), 404, 'The requested resource could not be found.', { hasCors: false });
  });

  it('outside of the API: 405', async () => {
    const answer = await rawRequest(`${platform.apiHost}/nonexistent`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'OPTIONS']);
    expect(answer.json).toMatchObject({ error: 'HTTP method not allowed, supported methods: OPTIONS' });
  });

  it('for another namespace: 403', async () => {
    const answer = await guest.call('GET', '/api/v1/namespaces/somebody/actions');
    expectError(answer, 403, "The supplied authentication is not authorized to access 'somebody'.");
  });

  it.each(['{"a":', 'nonsense', '{"a":1}}'])('with malformed JSON: 400 (%s)', async (body) => {
    expectError(await guest.call('POST', 'actions/echo', body), 400, /^The request content was malformed:\n./, {
      hasCors: false,
    });
    expectError(await guest.call('PUT', 'actions/new', body), 400, /^The request content was malformed:\n./, {
      hasCors: false,
    });
  });

  it.each(['[1]', '"text"', '1', 'null'])('with a payload that is no object: 400 (%s)', async (body) => {
    expectError(await guest.call('POST', 'actions/echo', body), 400, `${malformed}JSON object expected`, {
      hasCors: false,
    });
  });

  it('with a body that is not declared as JSON: 415', async () => {
    const headers = { authorization: guest.authorization, 'content-type': 'text/plain', 'content-length': '2' };
    const answer = await rawRequest(guest.url('actions/echo'), { method: 'POST', headers, body: '{}' });
    const error = "The request's Content-Type [text/plain] is not supported. Expected:\napplication/json";
    expectError(answer, 415, error, { hasCors: false });
  });

  it('with a payload of more than 1 MiB: 413; one just below is echoed', async () => {
    const filled = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    const answer = await guest.call('POST', 'actions/echo?blocking=true', filled(1_048_577));
    expectError(answer, 413, 'Request larger than allowed: 1048577 > 1048576 bytes.');
    expect(answer.headers['x-openwhisk-activation-id']).toBeUndefined();
    const fits = await guest.call('POST', 'actions/echo?blocking=true&result=true', filled(1_048_500));
    expect([fits.status, fits.json.a.length]).toEqual([200, 1_048_492]);
  });

  it('with code of more than 48 MB: 413', async () => {
    const answer = await guest.call('PUT', 'actions/huge', {
      exec: { kind: 'nodejs:20', code: 'x'.repeat(50_331_649) },
    });
    expectError(answer, 413, 'exec larger than allowed: 50331649 > 50331648 bytes.');
  });

  it('for an unknown kind: 400 with the kinds that are offered', async () => {
    const answer = await guest.call('PUT', 'actions/cobol', { exec: { kind: 'cobol:85', code: 'x' } });
    expectError(
      answer,
      400,
      /^The request content was malformed:\nThe specified runtime 'cobol:85' is not supported by this platform\. Valid values are: .*'nodejs:20'.*\.$/,
      { hasCors: false },
    );
  });

  it('without exec: 400', async () => {
    expectError(await guest.call('PUT', 'actions/empty', {}), 400, 'exec undefined');
  });

  it.each([
    ['a%20%20', 'The name of the entity contains illegal characters.'],
    ['-a', 'The name of the entity contains illegal characters.'],
    ['a+b', 'The name of the entity contains illegal characters.'],
    ['%C3%A4', 'The name of the entity contains illegal characters.'],
    ['x'.repeat(257), 'Name segement longer than allowed: 257 > 256.'],
  ])('with an invalid name: 400 without CORS (%s)', async (name, error) => {
    for (const [method, body] of [
      ['PUT', { exec: { kind: 'nodejs:20', code: '' } }],
      ['POST', {}],
    ] as const) {
      expectError(await guest.call(method, `actions/${name}`, body), 400, error, { hasCors: false });
    }
  });

  it.each([
    [{ timeout: 99 }, 'requirement failed: duration 99 milliseconds below allowed threshold of 100 milliseconds'],
    [
      { timeout: 300_001 },
      'requirement failed: duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds',
    ],
    [{ memory: 127 }, 'requirement failed: memory size 127 MB below allowed threshold of 128 MB'],
    [{ memory: 513 }, 'requirement failed: memory size 513 MB exceeds allowed threshold of 512 MB'],
    [{ logs: 11 }, 'requirement failed: log size 11 MB exceeds allowed threshold of 10 MB'],
  ])('with a limit out of range: 400 (%j)', async (limits, error) => {
    const answer = await guest.call('PUT', 'actions/limited', { exec: { kind: 'nodejs:20', code: '' }, limits });
    expectError(answer, 400, error);
  });

  it.each([
    ['timeout=0', 'timeout', 'Timeout must be number of milliseconds up to 60000.'],
    ['timeout=60001', 'timeout', 'Timeout must be number of milliseconds up to 60000.'],
    ['blocking=maybe', 'blocking', "'maybe' is not a valid Boolean value"],
  ])('with a bad query: 400 without CORS (%s)', async (query, parameter, detail) => {
    const answer = await guest.invoke('echo', {}, query);
    expectError(answer, 400, `The query parameter '${parameter}' was malformed:\n${detail}`, { hasCors: false });
  });

  it.each([
    ['abc', 'Activation id length is 3 but must be 32.'],
    ['X'.repeat(32), 'The activation id is not valid.'],
  ])('for an activation id that is none: 400 (%s)', async (id, error) => {
    expectError(await guest.call('GET', `activations/${id}`), 400, error, { hasCors: false });
  });

  it('for an activation that never was: 404', async () => {
    expectError(
      await guest.call('GET', `activations/${'0'.repeat(32)}`),
      404,
      'The requested resource does not exist.',
    );
  });

  it('carries its own transaction id back, unless that is reserved', async () => {
    const own = await guest.call('GET', 'actions/nosuch', undefined, { 'x-request-id': 'my-own-id' });
    expect([own.headers['x-request-id'], own.json.code]).toEqual(['my-own-id', 'my-own-id']);
    const reserved = await guest.call('GET', 'actions/nosuch', undefined, { 'x-request-id': 'sid_invoker' });
    expectError(reserved, 404, 'The requested resource does not exist.');
  });

  it('without credentials is answered where none are needed', async () => {
    const info = await rawRequest(`${platform.apiHost}/api/v1`);
    expectAnswer(info, 200);
    expect(info.json).toMatchObject({ description: 'OpenWhisk API', api_version: '1.0.0', api_version_path: 'v1' });
    const ping = await rawRequest(`${platform.apiHost}/ping`);
    expect([ping.status, ping.text]).toEqual([200, 'pong']);
    const options = await rawRequest(guest.url('actions/echo'), { method: 'OPTIONS' });
    expect([options.status, options.text]).toEqual([200, 'OK']);
    expect(options.headers).toMatchObject(cors);
  });

  it('that succeeds tells the activation id', async () => {
    expect((await guest.invoke('echo')).headers['x-openwhisk-activation-id']).toMatch(activationIdPattern);
  });
});
