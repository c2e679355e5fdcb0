import { ManualClock } from '#clock';
import type { Identity } from '#entity';
import type { SubjectStore } from '#store';
import { Authenticator } from './authenticator';

const uuid = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const key = 'k'.repeat(64);
const identity: Identity = { subject: 'guest', namespace: 'guest', uuid, apiKey: `${uuid}:${key}`, limits: {} };
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const header = basic(`${uuid}:${key}`);

const noCredentials = 'The resource requires authentication, which was not supplied with the request';
const badCredentials = 'The supplied authentication is invalid';

function make(identityCacheBytes = 10_000) {
  const asked: string[] = [];
  let known: Identity | undefined = identity;
  const subjects: Pick<SubjectStore, 'authenticate'> = {
    authenticate: (givenUuid, givenKey) => {
      asked.push(givenUuid);
      return Promise.resolve(givenUuid === uuid && givenKey === key ? known : undefined);
    },
  };
  const clock = new ManualClock();
  const limits = { identityCacheBytes, identityCacheMs: 60_000 };
  const invalidation = { entryMs: Infinity, join: () => undefined };
  const authenticator = new Authenticator(subjects as SubjectStore, limits, clock, invalidation);
  return { authenticator, asked, clock, invalidation, block: () => (known = undefined) };
}

describe('the authenticator', () => {
  it('asks the store once, and then knows without waiting', async () => {
    const { authenticator, asked } = make();
    expect(authenticator.peek(header)).toBeUndefined();
    const answers = await Promise.all([authenticator.authenticate(header), authenticator.authenticate(header)]);
    expect(answers).toEqual([identity, identity]);
    expect(authenticator.peek(header)).toBe(identity);
    await authenticator.authenticate(header);
    expect(asked).toHaveLength(1);
  });

  it('asks again after a minute, so that a blocked subject is noticed', async () => {
    const { authenticator, clock, block } = make();
    await authenticator.authenticate(header);
    block();
    clock.advance(59_999);
    expect(authenticator.peek(header)).toBe(identity);
    clock.advance(1);
    expect(authenticator.peek(header)).toBeUndefined();
    await expect(authenticator.authenticate(header)).rejects.toThrow(badCredentials);
  });

  it('trusts for less time while writes of other controllers may go unnoticed', async () => {
    const { authenticator, clock, invalidation } = make();
    await authenticator.authenticate(header);
    clock.advance(5_000);
    expect(authenticator.peek(header)).toBe(identity);
    invalidation.entryMs = 5_000;
    expect(authenticator.peek(header)).toBeUndefined();
  });

  it.each([
    ['that subject', { kind: 'subject', name: 'guest' }, true],
    ['everything', { kind: 'all', name: '' }, true],
    ['its namespace', { kind: 'namespace', name: 'guest' }, true],
    ['another namespace', { kind: 'namespace', name: 'other' }, false],
    ['another subject', { kind: 'subject', name: 'other' }, false],
    ['an action of that name', { kind: 'action', name: 'guest' }, false],
  ] as const)('told that %s was written', async (_, stale, isForgotten) => {
    const { authenticator } = make();
    await authenticator.authenticate(header);
    authenticator.forgetStale(stale);
    expect(authenticator.peek(header) === undefined).toBe(isForgotten);
  });

  it('does not remember an answer that a write has overtaken', async () => {
    const { authenticator } = make();
    const asking = authenticator.authenticate(header);
    authenticator.forgetStale({ kind: 'subject', name: 'guest' });
    await asking;
    expect(authenticator.peek(header)).toBeUndefined();
  });

  it('remembers no more than it may, and no refusals', async () => {
    const { authenticator, asked } = make(1_000);
    const again = header.replace('Basic', 'basic');
    await authenticator.authenticate(header);
    await authenticator.authenticate(again);
    expect(authenticator.peek(header)).toBeUndefined();
    expect(authenticator.peek(again)).toBe(identity);
    const wrong = basic(`${uuid}:${'x'.repeat(64)}`);
    await expect(authenticator.authenticate(wrong)).rejects.toThrow(badCredentials);
    expect(authenticator.peek(wrong)).toBeUndefined();
    expect(authenticator.peek(again)).toBe(identity);
    expect(asked).toHaveLength(3);
  });

  it.each([undefined, '', 'Bearer abcdef', 'Basic', 'Basic ', 'Basic !!!', `Basic ${uuid}:abc`])(
    'counts %p as no credentials, without asking',
    async (given) => {
      const { authenticator, asked } = make();
      const challenge = { 'WWW-Authenticate': 'Basic realm="OpenWhisk secure realm",charset=UTF-8' };
      await expect(authenticator.authenticate(given)).rejects.toMatchObject({
        status: 401,
        message: noCredentials,
        cors: false,
        headers: challenge,
      });
      expect(asked).toEqual([]);
    },
  );

  it.each(['nocolon', 'foo:bar', `${uuid}:abc`, `not-a-uuid:${key}`, `:${key}`, `${uuid}:${key}:more`])(
    'refuses %p, which cannot be a credential, without asking',
    async (given) => {
      const { authenticator, asked } = make();
      await expect(authenticator.authenticate(basic(given))).rejects.toMatchObject({
        status: 401,
        message: badCredentials,
      });
      expect(asked).toEqual([]);
    },
  );
});
