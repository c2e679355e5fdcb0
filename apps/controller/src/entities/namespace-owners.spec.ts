import { ManualClock } from '#clock';
import type { Identity } from '#entity';
import { Seal } from '#seal';
import { NamespaceOwners } from './namespace-owners';

const owner: Identity = { subject: 'guest', namespace: 'guest', uuid: 'u', apiKey: '', limits: {} };
const seal = new Seal('a secret of some length', 'subjects');

function make(sealedKey?: string) {
  const asked: string[] = [];
  const clock = new ManualClock();
  const invalidation = { entryMs: Infinity, join: () => undefined };
  const subjects = {
    ofNamespace: (namespace: string) => {
      asked.push(namespace);
      return Promise.resolve(namespace === 'guest' ? { ...owner, sealedKey } : undefined);
    },
  };
  const limits = { identityCacheBytes: 10_000, identityCacheMs: 60_000 };
  return { owners: new NamespaceOwners(subjects, limits, clock, invalidation, seal), asked, clock, invalidation };
}

describe('the owners of namespaces', () => {
  it('are asked for once, and then known without waiting', async () => {
    const { owners, asked } = make();
    expect(owners.peek('guest')).toBeUndefined();
    expect(await Promise.all([owners.of('guest'), owners.of('guest')])).toEqual([owner, owner]);
    expect(owners.peek('guest')).toEqual(owner);
    expect(asked).toEqual(['guest']);
  });

  it('are asked for again where there was none', async () => {
    const { owners, asked } = make();
    expect(await owners.of('nobody')).toBeUndefined();
    expect(await owners.of('nobody')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('are trusted as long as a caller would be', async () => {
    const { owners, clock, invalidation } = make();
    await owners.of('guest');
    clock.advance(5_000);
    expect(owners.peek('guest')).toEqual(owner);
    invalidation.entryMs = 5_000;
    expect(owners.peek('guest')).toBeUndefined();
    invalidation.entryMs = Infinity;
    clock.advance(55_000);
    expect(owners.peek('guest')).toBeUndefined();
  });

  it.each([
    [{ kind: 'subject', name: 'guest' }, true],
    [{ kind: 'namespace', name: 'guest' }, true],
    [{ kind: 'all', name: '' }, true],
    [{ kind: 'subject', name: 'other' }, false],
    [{ kind: 'package', name: 'guest' }, false],
  ] as const)('told of %j', async (stale, isForgotten) => {
    const { owners } = make();
    await owners.of('guest');
    owners.forgetStale(stale);
    expect(owners.peek('guest') === undefined).toBe(isForgotten);
  });

  it('do not remember an answer that a write has overtaken', async () => {
    const { owners } = make();
    const asking = owners.of('guest');
    owners.forgetStale({ kind: 'namespace', name: 'guest' });
    await asking;
    expect(owners.peek('guest')).toBeUndefined();
  });

  it.each([
    ['sealed under the secret of now', seal.seal('u:key'), 'u:key'],
    ['sealed under another secret', new Seal('another secret', 'subjects').seal('u:key'), ''],
    ['sealed for something else', new Seal('a secret of some length').seal('u:key'), ''],
    ['of another row', seal.seal('v:key'), ''],
    ['that nobody sealed', undefined, ''],
  ])('have a key %s', async (_, sealedKey, apiKey) => {
    expect(await make(sealedKey).owners.of('guest')).toEqual({ ...owner, apiKey });
  });
});
