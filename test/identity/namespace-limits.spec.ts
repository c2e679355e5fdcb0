// What a namespace's own limits, set while Hearth runs, allow it to write, to send and to find again.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';
import { runCommand } from './commands';

describe('limits of a namespace', () => {
  let platform: Platform;
  let guest: Guest;
  const hearth = async (text: string): Promise<string> => {
    const { out } = await runCommand(text.split(' '), platform.commandEnv);
    return out.trim();
  };
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest({ apiHost: platform.apiHost, apiKey: await hearth('user create narrow') });
  }, 90_000);
  afterAll(() => platform.stop());

  const shown = async (): Promise<Record<string, unknown>> => (await guest.call('GET', 'limits')).json;
  const refusal = async (answer: Promise<{ status: number; json: { error?: unknown } }>): Promise<unknown[]> => {
    const { status, json } = await answer;
    return [status, json.error];
  };

  it('bound its actions and its sizes, in OpenWhisk’s words', async () => {
    const bounds = '--maxActionMemory 192 --maxActionTimeout 5000 --maxParameterSize 1KB --maxPayloadSize 2KB';
    await hearth(`limits set narrow ${bounds} --truncationSize 8`);
    await until('they hold', async () => (await shown()).maxActionMemory === 192);
    expect(await shown()).toMatchObject({
      maxActionTimeout: 5_000,
      maxParameterSize: '1024 B',
      maxPayloadSize: '2048 B',
      truncationSize: '8 B',
    });
    const code = 'function main({ n, ...rest }) { return n ? { text: "x".repeat(n) } : rest }';
    const put = (limits: object, parameters: object[] = []) =>
      guest.call('PUT', 'actions/bounded?overwrite=true', { exec: { kind: 'nodejs:20', code }, limits, parameters });
    expect(await refusal(put({ memory: 256 }))).toEqual([
      400,
      'requirement failed: memory size 256 MB exceeds allowed threshold of 192 MB',
    ]);
    expect(await refusal(put({}, [{ key: 'k', value: 'y'.repeat(1_024) }]))).toEqual([
      413,
      'parameters larger than allowed: 1027 > 1024 bytes.',
    ]);
    expect((await put({}, [{ key: 'k', value: 'y'.repeat(1_000) }])).json.limits).toMatchObject({
      memory: 192,
      timeout: 5_000,
    });
    expect(await refusal(guest.invoke('bounded', { z: 'z'.repeat(2_048) }))).toEqual([
      413,
      'Request larger than allowed: 2056 > 2048 bytes.',
    ]);
    const large = await guest.invoke('bounded', { n: 3_000 });
    expect([large.status, large.json.response.result.error]).toEqual([
      502,
      'The action produced a response that exceeded the allowed length: 3011 > 2048 bytes. The truncated response was: {"text":',
    ]);
  });

  it('hold for what parameters make of a payload, blocking, queued and by rule', async () => {
    // 1,000 bytes of parameters and 1,100 of payload: each by itself is allowed.
    const payload = { z: 'z'.repeat(1_100) };
    const text = 'Request larger than allowed: 2115 > 2048 bytes.';
    for (const query of ['blocking=true', 'blocking=false'])
      expect(await refusal(guest.invoke('bounded', payload, query))).toEqual([413, text]);
    await guest.call('PUT', 'triggers/filled', {});
    await guest.call('PUT', 'rules/through', { trigger: '/_/filled', action: '/_/bounded' });
    const fired = await guest.call('POST', 'triggers/filled', payload);
    expect(fired.status).toBe(202);
    const { logs } = await guest.record(fired.json.activationId as string);
    expect(JSON.parse((logs as string[])[0]!)).toMatchObject({
      statusCode: 1,
      success: false,
      error: expect.stringMatching(/^Request larger than allowed: \d+ > 2048 bytes\.$/) as string,
    });
    expect((await guest.invoke('bounded', { z: 1 })).status).toBe(200);
  });

  it('keep its activations out of the store when it says so, and whatever else is owed is done', async () => {
    await guest.putAction('seen', 'function main(args) { return args }');
    const kept = await guest.invoke('seen', { kept: true });
    await guest.record(kept.json.activationId as string);
    await guest.call('PUT', 'actions/chain', { exec: { kind: 'sequence', components: ['/_/seen', '/_/seen'] } });
    await hearth('limits set narrow --disableStoreActivations');
    await until('it is told', async () => (await shown()).storeActivations === false);

    const blocking = await guest.invoke('seen', { n: 1 });
    const chained = await guest.invoke('chain', { n: 2 });
    const elapsed = await guest.invoke('seen', { n: 3 }, 'blocking=true&timeout=1');
    const queued = await guest.invoke('seen', { n: 4 }, 'blocking=false');
    const queuedChain = await guest.invoke('chain', { n: 5 }, 'blocking=false');
    const fired = await guest.call('POST', 'triggers/filled', {});
    expect(blocking.json).toMatchObject({ name: 'seen', response: { result: { n: 1 } } });
    expect(chained.json).toMatchObject({ name: 'chain', response: { result: { n: 2 } } });
    expect((chained.json.logs as string[]).length).toBe(2);
    // The queue keeps nothing of them, also not what they owe.
    await hearth('limits set narrow --concurrentInvocations 1');
    await until('everything has ended', async () => (await guest.invoke('seen', { n: 6 })).status === 200);
    for (const { json } of [blocking, chained, elapsed, queued, queuedChain, fired]) {
      const id = json.activationId as string;
      for (const path of [id, `${id}/result`, `${id}/logs`])
        expect(await refusal(guest.call('GET', `activations/${path}`))).toEqual([
          404,
          'The requested resource does not exist.',
        ]);
    }
    expect(await guest.recordCount('seen')).toBe(1);

    await hearth('limits set narrow --enableStoreActivations --concurrentInvocations 30');
    await until('it is told', async () => (await shown()).storeActivations === true);
    const again = await guest.invoke('seen', { n: 7 }, 'blocking=false');
    expect(await guest.record(again.json.activationId as string)).toMatchObject({ response: { result: { n: 7 } } });
  });
});
