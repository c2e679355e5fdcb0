// Packages, bindings, triggers, rules, feeds and namespaces by the real client, on the system packages that clients' examples expect.
import type openwhisk from 'openwhisk';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

interface Named {
  readonly name: string;
}

describe('packages, triggers and rules', () => {
  let platform: Platform;
  let client: openwhisk.Client;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    client = clientOf(platform);
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  const echo = 'function main(args) { return args }';
  const invoke = (name: string, params: object = {}): Promise<unknown> =>
    client.actions.invoke({ name, params, blocking: true, result: true });
  /** The records of an action, oldest first, once there are so many. */
  const recordsOf = (name: string, count: number) =>
    until(`${count} records of ${name}`, async () => {
      const { json } = await guest.call('GET', `activations?name=${name}&docs=true&limit=200`);
      const records = json as unknown as { response: { result: Record<string, unknown> } }[];
      return records.length >= count ? records.reverse() : undefined;
    });

  it('system packages are there for everybody, and work', async () => {
    const packages = (await client.packages.list({ namespace: 'whisk.system' })) as unknown as Named[];
    expect(packages.map(({ name }) => name).sort()).toEqual(['alarms', 'samples', 'utils']);
    expect(await invoke('/whisk.system/samples/greeting', { name: 'Ada', place: 'London' })).toEqual({
      payload: 'Hello, Ada from London!',
    });
    expect(await invoke('/whisk.system/samples/wordCount', { payload: 'one two  three' })).toEqual({ count: 3 });
    expect(await invoke('/whisk.system/utils/echo', { a: 1 })).toEqual({ a: 1 });
    expect(await invoke('/whisk.system/utils/split', { payload: 'b,a', separator: ',' })).toMatchObject({
      lines: ['b', 'a'],
    });
    expect(await invoke('/whisk.system/utils/namespace')).toEqual({ namespace: 'guest' });
    expect(await invoke('/whisk.system/utils/smash', { a: 1, c: { d: 1 }, $fieldName: 'p' })).toEqual({
      p: { a: 1, c: { d: 1 } },
    });
    const hosturl = (params: object) => invoke('/whisk.system/utils/hosturl', params) as Promise<{ url: string }>;
    expect((await hosturl({ path: 'echo', web: true })).url).toMatch(
      /^http.*\/api\/v1\/web\/guest\/default\/echo\.json$/,
    );
    expect((await hosturl({ path: 'bell', trigger: true })).url).toMatch(
      /\/api\/v1\/namespaces\/guest\/triggers\/bell$/,
    );
  });

  it('a binding carries its own parameters over those of the package and under those of the action', async () => {
    await client.packages.create({
      name: 'tools',
      package: {
        parameters: [
          { key: 'from', value: 'package' },
          { key: 'kept', value: 'package' },
        ],
      },
    });
    await client.actions.create({ name: 'tools/echo', action: echo, params: { own: 'action' } });
    await client.packages.create({
      name: 'mine',
      package: {
        binding: { namespace: '_', name: 'tools' },
        parameters: [
          { key: 'from', value: 'binding' },
          { key: 'own', value: 'binding' },
        ],
      },
    } as never);
    expect(await invoke('mine/echo', { x: 1 })).toEqual({ from: 'binding', kept: 'package', own: 'action', x: 1 });
    // A change of the package is noticed by what was invoked through the binding before.
    await client.packages.update({ name: 'tools', package: { parameters: [{ key: 'kept', value: 'changed' }] } });
    expect(await invoke('mine/echo')).toEqual({ from: 'binding', kept: 'changed', own: 'action' });
    // Queued, it is the same.
    const { activationId } = (await client.actions.invoke({ name: 'mine/echo', params: { q: 1 } })) as unknown as {
      activationId: string;
    };
    const record = await guest.record(activationId);
    expect(record.response.result).toEqual({ from: 'binding', kept: 'changed', own: 'action', q: 1 });
    expect(record.annotations).toEqual(expect.arrayContaining([{ key: 'binding', value: 'guest/mine' }]));
    expect((await client.packages.get({ name: 'mine' })) as unknown).toMatchObject({ actions: [{ name: 'echo' }] });
    await client.packages.delete({ name: 'mine' });
  });

  it('a trigger runs the actions of its active rules, in packages and sequences too', async () => {
    await client.packages.create({ name: 'pack' });
    await client.actions.create({ name: 'pack/seen', action: echo });
    await client.actions.create({ name: 'chain', sequence: ['/_/pack/seen', '/whisk.system/utils/echo'] } as never);
    await client.triggers.create({ name: 'event', trigger: { parameters: [{ key: 'p', value: 1 }] } } as never);
    await client.rules.create({ name: 'direct', trigger: 'event', action: 'pack/seen' });
    await client.rules.create({ name: 'chained', trigger: 'event', action: 'chain' });
    const fired = (await client.triggers.invoke({ name: 'event', params: { x: 2 } })) as unknown as {
      activationId: string;
    };
    const direct = await recordsOf('pack/seen', 2);
    for (const { response } of direct) expect(response.result).toMatchObject({ p: 1, x: 2 });
    const [chained] = await recordsOf('chain', 1);
    expect(chained!.response.result).toMatchObject({ p: 1, x: 2 });
    const record = (await client.activations.get({ name: fired.activationId })) as unknown as { logs: string[] };
    expect(record.logs.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { success: true, rule: 'guest/direct', action: 'guest/pack/seen' },
      { success: true, rule: 'guest/chained', action: 'guest/chain' },
    ]);
    await client.rules.disable({ name: 'direct' });
    await client.rules.disable({ name: 'chained' });
    expect((await guest.call('POST', 'triggers/event', {})).status).toBe(204);
    await client.rules.enable({ name: 'direct' });
    expect((await client.rules.get({ name: 'direct' })) as unknown).toMatchObject({ status: 'active' });
  });

  it('a trigger runs conductors, as a POST of them would', async () => {
    const conduct = `function main({ at = 0, x = 0 }) {
      return at < 2 ? { action: 'step', params: { x }, state: { at: at + 1 } } : { params: { x } };
    }`;
    await client.actions.create({ name: 'step', action: 'function main({ x }) { return { x: x + 1 } }' });
    await client.actions.create({ name: 'conduct', action: conduct, annotations: { conductor: true } } as never);
    await client.triggers.create({ name: 'baton' });
    await client.rules.create({ name: 'conducted', trigger: 'baton', action: 'conduct' });
    const fired = (await client.triggers.invoke({ name: 'baton', params: { x: 5 } })) as unknown as {
      activationId: string;
    };
    const [line] = (await guest.record(fired.activationId)).logs as string[];
    const { activationId, success } = JSON.parse(line!) as { activationId: string; success: boolean };
    expect(success).toBe(true);
    const record = await guest.record(activationId, 60_000);
    expect(record.response).toMatchObject({ success: true, result: { x: 7 } });
    expect(record.annotations).toEqual(expect.arrayContaining([{ key: 'conductor', value: true }]));
    // Three calls of the conductor, two of the step.
    expect(record.logs).toHaveLength(5);
  });

  it('a rule that fires its own trigger goes on only as fast as the throttle lets it', async () => {
    const again = `async function main() {
      const answer = await fetch(process.env.__OW_API_HOST + '/api/v1/namespaces/_/triggers/circle', {
        method: 'POST', headers: { authorization: 'Basic ' + Buffer.from(process.env.__OW_API_KEY).toString('base64') } });
      return { status: answer.status };
    }`;
    await client.actions.create({ name: 'again', action: again, annotations: { 'provide-api-key': true } } as never);
    await client.triggers.create({ name: 'circle' });
    await client.rules.create({ name: 'around', trigger: 'circle', action: 'again' });
    await client.triggers.invoke({ name: 'circle' });
    await recordsOf('again', 3);
    await client.rules.delete({ name: 'around' });
  });

  it('feeds are actions that the client calls: an alarm is made, read, fires, and ends', async () => {
    await client.actions.create({ name: 'ticked', action: echo });
    await client.triggers.create({ name: 'tick' });
    await client.rules.create({ name: 'on-tick', trigger: 'tick', action: 'ticked' });
    const feed = { name: '/whisk.system/alarms/alarm', trigger: 'tick' };
    // The client's types lack it.
    const feeds = client.feeds as typeof client.feeds & { get(options: typeof feed): Promise<unknown> };
    const params = { cron: '* * * * * *', maxTriggers: 2, trigger_payload: { n: 1 } };
    await client.feeds.create({ ...feed, params });
    const read = (await feeds.get(feed)) as unknown as { response: { result: object } };
    expect(read.response.result).toMatchObject({
      config: { cron: '* * * * * *' },
      status: { active: expect.any(Boolean) as boolean },
    });
    const ticks = await recordsOf('ticked', 2);
    for (const { response } of ticks) expect(response.result).toEqual({ n: 1 });
    await until('the alarm is over', async () => {
      const over = (await feeds.get(feed)) as unknown as {
        response: { result: { status: { active: boolean } } };
      };
      return !over.response.result.status.active;
    });
    expect(await recordsOf('ticked', 2)).toHaveLength(2);
    await client.feeds.delete(feed);
    await expect(feeds.get(feed)).rejects.toMatchObject({ statusCode: 502 });
    await expect(client.feeds.create({ ...feed, params: { cron: 'x' } })).rejects.toThrow(
      /cron or timezone cannot be read/,
    );
  });

  it('what fires once may end its trigger, and its rules with it', async () => {
    const feed = (trigger: string) => ({ name: '/whisk.system/alarms/once', trigger });
    const [plain, whole, kept] = ['plain-once', 'whole-once', 'kept-once'] as const;
    for (const name of [plain, whole, kept]) {
      await client.triggers.create({ name });
      await client.rules.create({ name: `${name}-rule`, trigger: name, action: 'ticked' });
    }
    const date = Date.now() + 1_500;
    const ends = [true, 'rules', false];
    for (const [at, trigger] of [plain, whole, kept].entries())
      await client.feeds.create({ ...feed(trigger), params: { date, deleteAfterFire: ends[at] } });
    await expect(
      client.feeds.create({ ...feed(kept), params: { date, deleteAfterFire: 'everything' } }),
    ).rejects.toThrow(/deleteAfterFire has to be false, true or rules/);
    const status = async (path: string): Promise<number> => (await guest.call('GET', path)).status;
    await until('two triggers are gone', async () => {
      const found = await Promise.all([status(`triggers/${plain}`), status(`triggers/${whole}`)]);
      return found.every((one) => one === 404);
    });
    for (const name of [plain, whole, kept]) expect(await guest.recordCount(name)).toBe(1);
    expect(await status(`rules/${plain}-rule`)).toBe(200);
    expect(await status(`rules/${whole}-rule`)).toBe(404);
    expect([await status(`triggers/${kept}`), await status(`rules/${kept}-rule`)]).toEqual([200, 200]);
  });

  it('namespaces.get gathers all four collections', async () => {
    const all = (await client.namespaces.get({ namespace: '_' } as never)) as unknown as Record<string, Named[]>;
    expect(Object.keys(all).sort()).toEqual(['actions', 'packages', 'rules', 'triggers']);
    expect(all.packages!.map(({ name }) => name)).toEqual(expect.arrayContaining(['tools', 'pack']));
    expect(all.rules!.map(({ name }) => name)).toEqual(expect.arrayContaining(['direct', 'chained']));
  });

  it('a fire that was answered outlives the controller', async () => {
    await client.actions.create({ name: 'survivor', action: echo });
    await client.triggers.create({ name: 'lasting' });
    await client.rules.create({ name: 'lasting-rule', trigger: 'lasting', action: 'survivor' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => guest.call('POST', 'triggers/lasting', { n })),
    );
    await platform.killAndAwaitRestart('controller');
    for (const { status, json } of answers) {
      expect(status).toBe(202);
      const { logs } = await guest.record(String(json.activationId));
      const { activationId } = JSON.parse(String((logs as string[])[0])) as { activationId: string };
      await guest.record(activationId, 60_000);
    }
    expect(await guest.recordCount('survivor')).toBe(20);
    expect(await guest.recordCount('lasting')).toBe(20);
  }, 120_000);
});
