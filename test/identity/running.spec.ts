// What an operator does with `hearth user` and `hearth limits` while Hearth runs takes effect there, soon; and what lies on the disk is of no use
// to whoever finds it.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';
import { type CommandRun, runCommand } from './commands';

/** Everything in which the store keeps what it knows. */
function filesOfStore({ dataDir, postgres }: Platform): string[] {
  const directory = postgres?.directory ?? dataDir;
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => postgres !== undefined || name.startsWith('hearth.db'))
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path).isFile());
}

describe('identities of a running Hearth', () => {
  let platform: Platform;
  const hearth = (text: string): Promise<CommandRun> => runCommand(text.split(' '), platform.commandEnv);
  beforeAll(async () => (platform = await startPlatform()), 90_000);
  afterAll(() => platform.stop());

  async function newcomer(words: string): Promise<{ guest: Guest; credential: string }> {
    const credential = (await hearth(`user create ${words}`)).out.trim();
    return { guest: new Guest({ apiHost: platform.apiHost, apiKey: credential }), credential };
  }

  it('lets a new subject in, several namespaces and all, and shuts it out when it is blocked', async () => {
    const { guest } = await newcomer('alice');
    const { guest: team } = await newcomer('alice -ns team');
    expect([
      (await guest.call('GET', '/api/v1/namespaces')).json,
      (await team.call('GET', '/api/v1/namespaces')).json,
    ]).toEqual([['alice'], ['team']]);
    await hearth('user block alice');
    // It was in the cache of identities, which lasts for a minute.
    const begun = performance.now();
    for (const one of [guest, team])
      await until('it is shut out', async () => (await one.call('GET', 'actions')).status === 401, 5_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
    await hearth('user unblock alice');
    await until('it is let in', async () => (await guest.call('GET', 'actions')).status === 200, 5_000);
  });

  it('keeps to limits of a namespace as soon as they are set, in words that OpenWhisk uses', async () => {
    const { guest } = await newcomer('carol');
    await guest.putAction('quick', 'function main() { return {} }');
    expect((await guest.invoke('quick')).status).toBe(200);
    await hearth('limits set carol --invocationsPerMinute 0 --allowedKinds python:3');
    const refused = await until('it is throttled', async () => {
      const answer = await guest.invoke('quick');
      return answer.status === 429 ? answer : undefined;
    });
    expect(refused.headers['x-openwhisk-activation-id']).toBeUndefined();
    expect(refused.headers['access-control-allow-origin']).toBe('*');
    expect(refused.headers['retry-after']).toBeUndefined();
    expect(refused.json).toEqual({
      code: refused.headers['x-request-id'],
      error: expect.stringMatching(
        /^Too many requests in the last minute \(count: [1-9]\d*, allowed: 0\)\.$/,
      ) as string,
    });
    expect((await guest.call('GET', 'limits')).json).toMatchObject({
      invocationsPerMinute: 0,
      allowedKinds: ['python:3'],
    });
    const kind = await guest.call('PUT', 'actions/other', { exec: { kind: 'nodejs:20', code: '1' } });
    expect([kind.status, kind.json.error]).toEqual([
      403,
      "The supplied authentication is not authorized to access actions of kind 'nodejs:20'.",
    ]);
    // Only invocations and fires are throttled.
    expect((await guest.call('GET', 'actions')).status).toBe(200);
  });

  it('gives a web action its owner’s key, which is nowhere on the disk', async () => {
    const { guest, credential } = await newcomer('dave1');
    // It answers a digest, since its result is stored.
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
    const code = `const { createHash } = require('node:crypto');
      function main() { return { body: { key: createHash('sha256').update(process.env.__OW_API_KEY).digest('hex') } } }`;
    await guest.putAction('own', code, {
      annotations: [
        { key: 'web-export', value: true },
        { key: 'provide-api-key', value: true },
      ],
    });
    const answer = await guest.call('GET', '/api/v1/web/dave1/default/own.http', undefined, { authorization: '' });
    expect([answer.status, answer.json]).toEqual([200, { key: digest(credential) }]);
    const key = credential.split(':')[1]!;
    const traces = [key, Buffer.from(credential).toString('base64').slice(0, -4)];
    const stored = filesOfStore(platform).filter((file) => {
      const bytes = readFileSync(file);
      return traces.some((trace) => bytes.includes(trace));
    });
    expect(filesOfStore(platform).length).toBeGreaterThan(0);
    expect(stored).toEqual([]);
  });

  it('allows only so many at once, blocking or not, and counts what waits in the queue', async () => {
    const { guest } = await newcomer('erin1');
    await hearth('limits set erin1 --concurrentInvocations 2');
    await guest.putAction('slow', 'function main() { return new Promise((done) => setTimeout(done, 2000, {})) }');
    const first = guest.invoke('slow');
    const second = await guest.invoke('slow', {}, 'blocking=false');
    expect(second.status).toBe(202);
    const answers = await Promise.all([guest.invoke('slow'), guest.invoke('slow', {}, 'blocking=false')]);
    for (const { status, json } of answers)
      expect([status, json.error]).toEqual([429, 'Too many concurrent requests in flight (count: 2, allowed: 2).']);
    expect((await first).status).toBe(200);
    await guest.record(second.json.activationId);
    expect((await guest.invoke('slow')).status).toBe(200);
    // One whose client did not wait is in flight until it ends.
    const impatient = await guest.invoke('slow', {}, 'blocking=true&timeout=100');
    expect(impatient.status).toBe(202);
    const beside = guest.invoke('slow');
    await until('both are in flight', async () => (await guest.invoke('slow')).status === 429);
    await Promise.all([guest.record(impatient.json.activationId), beside]);
    expect((await guest.invoke('slow')).status).toBe(200);
  });

  it('counts a sequence once, and as over when it is', async () => {
    const { guest } = await newcomer('grace');
    await hearth('limits set grace --concurrentInvocations 1');
    await guest.putAction('part', 'function main() { return {} }');
    const exec = { kind: 'sequence', components: ['/_/part', '/_/part'] };
    expect((await guest.call('PUT', 'actions/parts', { exec })).status).toBe(200);
    for (let round = 0; round < 3; round++) expect((await guest.invoke('parts')).status).toBe(200);
    const later = await guest.invoke('parts', {}, 'blocking=false');
    await guest.record(later.json.activationId);
    expect((await guest.invoke('parts')).status).toBe(200);
    // One that fails, one whose client waits no longer, one whose client goes away: each gives its permit back.
    await guest.putAction('slow', 'function main() { return new Promise((done) => setTimeout(done, 1000, {})) }');
    await guest.putAction('fails', 'function main() { return { error: 1 } }');
    for (const [name, part] of Object.entries({ failing: 'fails', lasting: 'slow' }))
      await guest.call('PUT', `actions/${name}`, { exec: { kind: 'sequence', components: ['/_/part', `/_/${part}`] } });
    expect((await guest.invoke('failing')).status).toBe(502);
    const impatient = await guest.invoke('lasting', {}, 'blocking=true&timeout=50');
    expect(impatient.status).toBe(202);
    await until('it is in flight', async () => (await guest.invoke('parts')).status === 429);
    await guest.record(impatient.json.activationId as string);
    const leaving = new AbortController();
    const left = fetch(guest.url('actions/lasting?blocking=true'), {
      method: 'POST',
      headers: { authorization: guest.authorization },
      signal: leaving.signal,
    });
    const ended = expect(left).rejects.toThrow();
    await until('it is in flight', async () => (await guest.invoke('parts')).status === 429);
    leaving.abort();
    await ended;
    await until('its permit is back', async () => (await guest.invoke('parts')).status === 200);
  });

  it('takes of a storm of fires what the limit allows, and refuses the rest', async () => {
    const { guest } = await newcomer('heidi');
    await hearth('limits set heidi --firesPerMinute 5 --invocationsPerMinute 3');
    await guest.putAction('echo', 'function main() { return {} }');
    await guest.call('PUT', 'triggers/bell', {});
    await guest.call('PUT', 'rules/rope', { trigger: '/_/bell', action: '/_/echo' });
    await until('a minute has begun', () => Date.now() % 60_000 < 45_000, 20_000);
    const answers = await Promise.all(Array.from({ length: 40 }, () => guest.call('POST', 'triggers/bell', {})));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(5);
    for (const { status, json } of answers.filter((answer) => !accepted.includes(answer)))
      expect([status, json.error]).toEqual([
        429,
        expect.stringMatching(/^Too many requests in the last minute \(count: \d+, allowed: 5\)\.$/),
      ]);
    // The rule's action has a limit of its own, of which only the log of the fire tells.
    const records = await Promise.all(accepted.map(({ json }) => guest.record(json.activationId as string)));
    const lines = records.flatMap(({ logs }) =>
      (logs as string[]).map((line) => JSON.parse(line) as { success: boolean }),
    );
    expect([lines.length, lines.filter(({ success }) => success).length]).toEqual([5, 3]);
    // Nothing of it stays in flight.
    await until('all have ended', async () => (await guest.recordCount('echo')) === 3);
  });

  it('ends a circle of rules when the minute’s fires are used up', async () => {
    const { guest } = await newcomer('ivan1');
    await hearth('limits set ivan1 --firesPerMinute 4 --invocationsPerMinute 20');
    const again = `async function main() {
      const answer = await fetch(process.env.__OW_API_HOST + '/api/v1/namespaces/_/triggers/circle', {
        method: 'POST', headers: { authorization: 'Basic ' + Buffer.from(process.env.__OW_API_KEY).toString('base64') } });
      return { status: answer.status, ...(await answer.json()) };
    }`;
    await guest.putAction('again', again, { annotations: [{ key: 'provide-api-key', value: true }] });
    await guest.call('PUT', 'triggers/circle', {});
    await guest.call('PUT', 'rules/around', { trigger: '/_/circle', action: '/_/again' });
    await until('a minute has begun', () => Date.now() % 60_000 < 35_000, 40_000);
    expect((await guest.call('POST', 'triggers/circle', {})).status).toBe(202);
    const results = await until('it is stopped', async () => {
      const { json } = await guest.call('GET', 'activations?name=again&docs=true&limit=200');
      const found = (json as unknown as { response: { result: { status: number; error?: string } } }[]).map(
        ({ response }) => response.result,
      );
      // The last one may be stored before the one that fired it.
      return found.length >= 4 && found.some(({ error }) => error !== undefined) ? found : undefined;
    });
    expect(results.filter(({ status }) => status === 202)).toHaveLength(3);
    // The runtime keeps of a result with an error nothing else.
    expect(results.filter(({ error }) => error !== undefined)).toEqual([
      { error: 'Too many requests in the last minute (count: 5, allowed: 4).' },
    ]);
    expect([await guest.recordCount('again'), await guest.recordCount('circle')]).toEqual([4, 4]);
  }, 90_000);

  it('charges what is refused later, and what is not the caller’s, but keeps nothing in flight', async () => {
    const { guest } = await newcomer('frank');
    await hearth('limits set frank --invocationsPerMinute 60 --concurrentInvocations 1');
    for (let round = 0; round < 3; round++) {
      expect((await guest.invoke('missing')).status).toBe(404);
      expect((await guest.call('POST', '/api/v1/namespaces/guest/actions/x')).status).toBe(403);
      expect((await guest.call('POST', 'actions/missing', '{')).status).toBe(400);
      expect((await guest.call('POST', 'actions/%20bad')).status).toBe(400);
    }
  });
});
