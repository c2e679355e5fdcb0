// The internal listener of a real controller, asked by whoever can reach it; and the public port, asked for what only the internal one does.
import { expectError } from '../support/answers';
import { rawRequest } from '../support/raw-http';
import { pause, until } from '../support/until';
import { newActivationId } from '../../apps/controller/src/invoke/activation-id';
import { forwardText } from '../../apps/controller/src/invoke/forward-format';
import { bearer, one, two, TwoControllers, type Warm } from './two-controllers';

describe('the internal listener', () => {
  const forward = (key: string, activationId: string): string => {
    const [, fullName, revision] = key.split('|');
    const [namespace, name] = fullName!.split('/');
    return forwardText({
      head: {
        ...{ activationId, transactionId: 't', waitedMs: 0, remainingMs: 1_000 },
        action: { namespace: namespace!, name: name!, revision: Number(revision) },
        identity: { subject: 'guest', namespace: 'guest', uuid: '', limits: {} },
      },
      payload: '{}',
    });
  };
  const post = (url: string, body: string, headers: Record<string, string>) =>
    rawRequest(url, {
      method: 'POST',
      headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
      body,
    });
  let cluster: TwoControllers;
  let warm: Warm;
  let url: string;
  const freshId = (): string => newActivationId(Date.now());

  beforeAll(async () => {
    cluster = await TwoControllers.start();
    warm = await cluster.warm(two, 'inner');
    url = `http://${cluster.address(two)}/forward`;
  });
  afterAll(() => cluster.stop());

  it('obeys the cluster secret', async () => {
    const answer = await post(url, forward(warm.key, freshId()), bearer);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`"pid":${warm.pid}`);
  });

  it('tells and does nothing without it', async () => {
    const count = await cluster.guest(two).recordCount('inner');
    for (const headers of [
      {},
      { authorization: 'Bearer another secret of length' },
      { authorization: cluster.guest(one).authorization },
    ]) {
      for (const path of [url, url.replace('/forward', '/'), url.replace('/forward', '/metrics')]) {
        const answer = await post(path, forward(warm.key, freshId()), headers as Record<string, string>);
        expect([answer.status, answer.text]).toEqual([401, 'The cluster secret is missing.']);
      }
    }
    await pause(200);
    expect(await cluster.guest(two).recordCount('inner')).toBe(count);
  });

  it('has one route', async () => {
    expect((await post(url.replace('/forward', '/api/v1/namespaces/_/actions'), '', bearer)).status).toBe(404);
    expect((await rawRequest(url, { headers: bearer })).status).toBe(404);
  });

  it('refuses what is too long, and what is no forwarded invocation', async () => {
    expect((await post(url, 'x'.repeat(1_200_000), bearer)).status).toBe(413);
    expect((await post(url, '{"a":1}', bearer)).status).toBe(400);
    expect((await post(url, `${forward(warm.key, freshId())}torn`, bearer)).status).toBe(400);
  });

  it('refuses another revision, another namespace’s key and an unknown action at once with 421', async () => {
    const other = warm.key.replace(/\d+$/, (revision) => String(Number(revision) + 1));
    for (const key of [other, warm.key.replaceAll('inner', 'nosuch')]) {
      const begun = performance.now();
      expect((await post(url, forward(key, freshId()), bearer)).status).toBe(421);
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });

  it('is no part of the public port, which ignores all of it', async () => {
    const publicUrl = cluster.controllers[two].apiHost;
    const spoofed = await post(`${publicUrl}/forward`, forward(warm.key, freshId()), bearer);
    expectError(spoofed, 405, /HTTP method not allowed/, { hasCors: false });
    const headers = {
      ...bearer,
      'x-hearth-forwarded': 'true',
      'x-forwarded-for': cluster.address(two),
      forwarded: 'for=127.0.0.1',
    };
    const path = `${publicUrl}/api/v1/namespaces/guest/actions/inner?blocking=true`;
    const asPeer = await post(path, forward(warm.key, freshId()), { ...headers, 'content-type': 'application/json' });
    expect(asPeer.status).toBe(401);
    const asGuest = await cluster.guest(two).call(
      'POST',
      'actions/inner?blocking=true',
      { n: 1 },
      {
        'x-hearth-forwarded': 'true',
        'x-openwhisk-activation-id': freshId(),
      },
    );
    expect([asGuest.status, asGuest.json.response.result.n]).toEqual([200, 1]);
  });

  it('answers Reclaim of the free container with Drained at once, and then has none', async () => {
    const granted = await cluster.warm(two, 'given');
    const begun = performance.now();
    const { containerId, grantId } = granted;
    cluster.scheduler.say(two, { $case: 'reclaim', value: { containerId, grantId, deadlineMs: 250 } });
    await until('Drained', () =>
      cluster.scheduler.all(two, 'drained').some((drained) => drained.containerId === containerId),
    );
    expect(performance.now() - begun).toBeLessThan(200);
    expect((await post(url, forward(granted.key, freshId()), bearer)).status).toBe(421);
  });
});
