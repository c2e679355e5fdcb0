// Sequences and conductors on the real platform, with the real client: what they answer, what they leave behind, and what faults make of them.
import type { Client } from 'openwhisk';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import type { Json } from '../support/raw-http';
import { until } from '../support/until';

const increment = 'function main({ n = 0, ...rest }) { return { ...rest, n: n + 1 } }';
const slow = 'function main({ ms = 0, ...rest }) { return new Promise((done) => setTimeout(done, ms, rest)) }';
const lost = 'The controller that ran this activation was lost, and its outcome is not known.';

const annotationOf = (record: Json, name: string): unknown =>
  (record.annotations as { key: string; value: unknown }[]).find(({ key }) => key === name)?.value;

describe('sequences and conductors', () => {
  let platform: Platform;
  let guest: Guest;
  let client: Client;
  beforeAll(async () => {
    const env = {
      LIMIT_RESTART_BACKOFF_MS: '200',
      LIMIT_CLAIM_LEASE_MS: '3000',
      LIMIT_SWEEP_GRACE_MS: '500',
      LIMIT_SWEEP_INTERVAL_MS: '500',
      LIMIT_COMPOSITION_ACTIVATIONS_COUNT: '40',
    };
    platform = await startPlatform({ env });
    guest = new Guest(platform);
    client = clientOf(platform);
    await guest.putAction('inc', increment);
    await guest.putAction('slow', slow);
    await guest.putAction(
      'conduct',
      'function main({ said, ...rest }) { return said ? { ...said } : { params: rest } }',
      {
        annotations: [{ key: 'conductor', value: true }],
      },
    );
  }, 90_000);
  afterAll(() => platform.stop());

  const putSequence = (name: string, components: string[]) =>
    client.actions.update({
      name,
      sequence: components.map((component) => (component.startsWith('/') ? component : `/_/${component}`)),
    } as never);

  /** Records of what ran for an activation. */
  async function partsOf(activationId: string): Promise<Json[]> {
    const all = (await guest.call('GET', 'activations?docs=true&limit=200')).json as unknown as Json[];
    return all.filter(({ cause }) => cause === activationId);
  }

  it('a sequence by the real client: result, record, and records of its components', async () => {
    await putSequence('twice', ['inc', 'inc']);
    const params = { n: 4, kept: 1 };
    expect(await client.actions.invoke({ name: 'twice', blocking: true, result: true, params })).toEqual({
      n: 6,
      kept: 1,
    });
    const answer = (await client.actions.invoke({ name: 'twice', blocking: true, params })) as unknown as Json;
    const record = await guest.record(answer.activationId as string);
    expect(record).toEqual(answer);
    expect([annotationOf(record, 'topmost'), annotationOf(record, 'kind')]).toEqual([true, 'sequence']);
    const parts = await partsOf(answer.activationId as string);
    expect(parts.map(({ activationId }) => activationId).sort()).toEqual([...(record.logs as string[])].sort());
    expect(parts.every((part) => annotationOf(part, 'causedBy') === 'sequence')).toBe(true);
    const sum = parts.reduce((total: number, { duration }) => total + Number(duration), 0);
    expect(record.duration).toBe(sum);
  });

  it('a non-blocking sequence runs through the queue, to the same record', async () => {
    await putSequence('twice', ['inc', 'inc']);
    const { activationId } = (await client.actions.invoke({ name: 'twice', params: { n: 1 } })) as {
      activationId: string;
    };
    const record = await guest.record(activationId);
    expect(record.response).toMatchObject({ status: 'success', result: { n: 3 } });
    expect(await partsOf(activationId)).toHaveLength(2);
  });

  it('parameters of a package are merged for each component', async () => {
    await client.packages.update({ name: 'pack', package: { parameters: [{ key: 'of', value: 'package' }] } } as never);
    await guest.putAction('pack/inc', increment);
    await putSequence('packed', ['inc', 'pack/inc']);
    const params = { n: 0 };
    expect(await client.actions.invoke({ name: 'packed', blocking: true, result: true, params })).toEqual({
      n: 2,
      of: 'package',
    });
  });

  it('a conductor that runs a sequence has it in its logs, and that its own record', async () => {
    await putSequence('twice', ['inc', 'inc']);
    const said = { action: 'twice', params: { n: 1 } };
    const answer = (await guest.invoke('conduct', { said })).json;
    expect(answer.response).toMatchObject({ status: 'success', result: { n: 3 } });
    const parts = await partsOf(answer.activationId as string);
    expect(parts.map(({ name }) => name).sort()).toEqual(['conduct', 'conduct', 'twice']);
    const inner = parts.find(({ name }) => name === 'twice')!;
    expect(annotationOf(inner, 'topmost')).toBe(false);
    expect(await partsOf(inner.activationId as string)).toHaveLength(2);
  });

  it('a wait that is over is answered with the id, and ends in the record', async () => {
    await putSequence('late', ['slow', 'inc']);
    const answer = await guest.invoke('late', { ms: 1_000 }, 'blocking=true&timeout=200');
    expect(answer.status).toBe(202);
    expect((await guest.record(answer.json.activationId as string)).response).toMatchObject({ result: { n: 1 } });
  });

  it('a deleted component is noticed when its turn comes', async () => {
    await guest.putAction('short-lived', increment);
    await putSequence('broken', ['inc', 'short-lived', 'inc']);
    await client.actions.delete('short-lived');
    const answer = await guest.invoke('broken');
    expect(answer.status).toBe(502);
    expect(answer.json.response).toEqual({
      result: { error: 'Sequence component does not exist.' },
      status: 'application error',
      success: false,
    });
    expect(answer.json.logs).toHaveLength(1);
  });

  it('a component that exits ends the sequence as it ended', async () => {
    await guest.putAction('exits', 'function main() { process.exit(1) }');
    await putSequence('exiting', ['inc', 'exits', 'inc']);
    const answer = await guest.invoke('exiting');
    expect([answer.status, answer.json.response.status]).toEqual([502, 'action developer error']);
    expect(answer.json.logs).toHaveLength(2);
  });

  it('conductors and sequences that call each other end at the limit, and the next call works', async () => {
    const code = "function main() { return { action: 'around' } }";
    await guest.putAction('circle', code, { annotations: [{ key: 'conductor', value: true }] });
    await putSequence('around', ['circle']);
    const answer = await guest.invoke('around');
    expect(answer.json.response).toMatchObject({
      status: 'application error',
      result: { error: 'Too many actions in the composition.' },
    });
    expect((await guest.invoke('twice')).status).toBe(200);
  });

  it('kill -9 of the controller in the middle: every id that was seen ends as one record', async () => {
    await putSequence('long', ['inc', 'slow', 'inc']);
    await putSequence('longer', ['inc', 'long']);
    const promised = await guest.invoke('longer', { ms: 20_000 }, 'blocking=true&timeout=300');
    const accepted = await guest.invoke('longer', { ms: 20_000 }, '');
    // And one that asks to be run again.
    const retries = [{ key: 'hearth-retries', value: 1 }];
    const exec = { kind: 'sequence', components: ['/_/inc', '/_/slow'] };
    await guest.call('PUT', 'actions/stubborn', { exec, annotations: retries });
    const again = await guest.invoke('stubborn', { ms: 2_000 }, '');
    const abandoned = guest.invoke('longer', { ms: 20_000 }).catch(() => undefined);
    expect([promised.status, accepted.status]).toEqual([202, 202]);
    // The first component of each has run, and of the sequence inside; their records name what caused them.
    const causes = await until('each has begun', async () => {
      const all = (await guest.call('GET', 'activations?name=inc&docs=true&limit=200')).json as unknown as Json[];
      const since = all.filter(({ cause, start }) => cause !== undefined && Number(start) > Date.now() - 15_000);
      const found = new Set(since.map(({ cause }) => cause as string));
      const topmost = [promised, accepted, again].map(({ json }) => json.activationId as string);
      return topmost.every((id) => found.has(id)) && found.size >= 7 ? found : undefined;
    });
    await platform.killAndAwaitRestart('controller');
    await abandoned;
    for (const id of causes) {
      const record = await guest.record(id, 40_000);
      if (record.name !== 'long' && record.name !== 'longer') continue;
      expect(record.response).toEqual({ result: { error: lost }, status: 'whisk internal error', success: false });
      expect(annotationOf(record, 'kind')).toBe('sequence');
    }
    for (const { json } of [promised, accepted]) {
      const record = await guest.record(json.activationId as string);
      expect([record.name, annotationOf(record, 'topmost')]).toEqual(['longer', true]);
    }
    const second = await guest.record(again.json.activationId as string, 40_000);
    expect([second.response.status, annotationOf(second, 'hearth-attempts')]).toEqual(['success', 2]);
    expect((await guest.invoke('twice')).status).toBe(200);
  }, 120_000);
});

describe('a small platform', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    const env = { LIMIT_COMPOSITIONS_IN_FLIGHT_COUNT: '1', LIMIT_OVERFLOW_WAIT_MS: '1000', NODE_MEMORY_MB: '256' };
    platform = await startPlatform({ env });
    guest = new Guest(platform);
    await guest.putAction('slow', slow);
    await guest.putAction('other', increment);
    await guest.call('PUT', 'actions/s', { exec: { kind: 'sequence', components: ['/_/slow'] } });
    await guest.call('PUT', 'actions/t', { exec: { kind: 'sequence', components: ['/_/other'] } });
  }, 90_000);
  afterAll(() => platform.stop());

  it('what is beyond the compositions of a controller is 503 before it has an id, and works again afterwards', async () => {
    const first = guest.invoke('s', { ms: 3_000 });
    const refused = await until('one more is refused', async () => {
      const answer = await guest.invoke('s', {}, 'blocking=true&result=true');
      return answer.status === 503 ? answer : undefined;
    });
    expect(refused.json.error).toBe(
      'The server is currently unavailable (because it is overloaded or down for maintenance).',
    );
    expect(refused.headers['x-openwhisk-activation-id']).toBeUndefined();
    const queued = await guest.invoke('s', {}, '');
    expect(queued.status).toBe(202);
    expect((await first).status).toBe(200);
    expect((await guest.record(queued.json.activationId as string)).response.status).toBe('success');
  }, 60_000);

  it('a component for which no container comes has a record that says so', async () => {
    const hog = guest.invoke('slow', { ms: 6_000 });
    const answer = await guest.invoke('t');
    const [component] = answer.json.logs as string[];
    expect([answer.status, answer.json.response.status]).toEqual([500, 'whisk internal error']);
    expect(answer.json.response.result).toEqual({
      error: `Timeout reached when retrieving activation ${component} for sequence component.`,
    });
    expect((await guest.record(component!)).response.result).toEqual({
      error: 'Failed to provision resources to run the action.',
    });
    expect((await hog).status).toBe(200);
  }, 60_000);
});
