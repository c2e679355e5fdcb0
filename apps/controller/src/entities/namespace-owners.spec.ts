import { ManualClock } from '#clock';
import type { Identity } from '#entity';
import { NamespaceOwners } from './namespace-owners';

const owner: Identity = { subject: 'guest', namespace: 'guest', uuid: 'u', apiKey: '', limits: {} };

function make() {
  const asked: string[] = [];
  const clock = new ManualClock();
  const invalidation = { entryMs: Infinity, join: () => undefined };
  const subjects = {
    ofNamespace: (namespace: string) => {
      asked.push(namespace);
      return Promise.resolve(namespace === 'guest' ? owner : undefined);
    },
  };
  const limits = { identityCacheBytes: 10_000, identityCacheMs: 60_000 };
  return { owners: new NamespaceOwners(subjects, limits, clock, invalidation), asked, clock, invalidation };
}

describe('the owners of namespaces', () => {
  it('are asked for once, and then known without waiting', async () => {
    const { owners, asked } = make();
    expect(owners.peek('guest')).toBeUndefined();
    expect(await Promise.all([owners.of('guest'), owners.of('guest')])).toEqual([owner, owner]);
    expect(owners.peek('guest')).toBe(owner);
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
    expect(owners.peek('guest')).toBe(owner);
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
});
