import { ManualClock } from '#clock';
import type { ArtifactStore, EntityId, StoredEntity } from '#store';
import { ActionRepository } from './action-repository';
import { type CacheInvalidation, InProcessInvalidation } from './cache-invalidation';

const document = {
  version: '0.0.1',
  publish: false,
  exec: { kind: 'nodejs:20', binary: false },
  parameters: [],
  limits: { concurrency: 1, logs: 10, memory: 256, timeout: 60_000 },
  annotations: [],
};

/** A store whose reads are answered when the test says so. */
function make(invalidation: CacheInvalidation = new InProcessInvalidation()) {
  const entities = new Map<string, StoredEntity>();
  const reads: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  const put = (path: string, name: string, revision: number, over: Partial<StoredEntity> = {}): void => {
    const entity = { path, name, revision, updated: 1, collection: 'actions' as const, document, ...over };
    entities.set(`${path}/${name}`, entity);
  };
  const artifacts = {
    get: async ({ path, name }: EntityId) => {
      reads.push(`${path}/${name}`);
      const found = entities.get(`${path}/${name}`);
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
      return found;
    },
    code: ({ path, name }: EntityId, revision: number) => {
      reads.push(`code of ${path}/${name}@${revision}`);
      return Promise.resolve(entities.get(`${path}/${name}`)?.revision === revision ? `code ${revision}` : undefined);
    },
  };
  const limits = { actionCacheBytes: 10_000, codeCacheBytes: 10_000 };
  const clock = new ManualClock();
  const repository = new ActionRepository(artifacts as unknown as ArtifactStore, limits, clock, invalidation);
  return {
    repository,
    clock,
    reads,
    put,
    remove: (key: string) => entities.delete(key),
    hold: () => (isHolding = true),
    release: () => {
      isHolding = false;
      for (const resolve of held.splice(0)) resolve();
    },
  };
}

describe('the action repository', () => {
  it('reads once, and then knows without waiting', async () => {
    const { repository, reads, put } = make();
    put('guest', 'a', 1);
    expect(repository.peek('guest', undefined, 'a')).toBeUndefined();
    const [one, two] = await Promise.all([
      repository.resolve('guest', undefined, 'a'),
      repository.resolve('guest', undefined, 'a'),
    ]);
    expect(one).toBe(two);
    expect(repository.peek('guest', undefined, 'a')).toBe(one);
    expect(reads).toEqual(['guest/a']);
  });

  it('knows the new revision after a write', async () => {
    const { repository, put } = make();
    put('guest', 'a', 1);
    await repository.resolve('guest', undefined, 'a');
    put('guest', 'a', 2);
    await repository.forget({ namespace: 'guest', packageName: undefined, name: 'a' });
    expect(repository.peek('guest', undefined, 'a')).toBeUndefined();
    expect((await repository.resolve('guest', undefined, 'a')).revision).toBe(2);
  });

  it('reads again once an entry is older than it may be, by the state of that moment', async () => {
    const age = Object.assign(new InProcessInvalidation(), { entryMs: 60_000 } as { entryMs: number });
    const { repository, put, clock } = make(age);
    put('guest', 'a', 1);
    await repository.resolve('guest', undefined, 'a');
    put('guest', 'a', 2);
    clock.advance(5_000);
    expect(repository.peek('guest', undefined, 'a')?.revision).toBe(1);
    age.entryMs = 5_000;
    expect(repository.peek('guest', undefined, 'a')).toBeUndefined();
    expect((await repository.resolve('guest', undefined, 'a')).revision).toBe(2);
    expect(repository.peek('guest', undefined, 'a')?.revision).toBe(2);
  });

  it.each([
    ['its action', { kind: 'action', name: 'guest/pkg/a' }, true],
    ['its package', { kind: 'package', name: 'guest/pkg' }, true],
    ['everything', { kind: 'all', name: '' }, true],
    ['another action', { kind: 'action', name: 'guest/pkg/ab' }, false],
    ['another package', { kind: 'package', name: 'guest/pk' }, false],
    ['a subject', { kind: 'subject', name: 'guest/pkg/a' }, false],
  ] as const)('told by another controller that %s was written', async (_, stale, isForgotten) => {
    const { repository, put, hold, release } = make();
    put('guest', 'pkg', 1, { collection: 'packages', document: {} });
    put('guest/pkg', 'a', 1);
    await repository.resolve('guest', 'pkg', 'a');
    repository.forgetStale(stale);
    expect(repository.peek('guest', 'pkg', 'a') === undefined).toBe(isForgotten);
    // What is being read at that moment is not kept either.
    repository.forgetStale({ kind: 'all', name: '' });
    hold();
    const reading = repository.resolve('guest', 'pkg', 'a');
    repository.forgetStale(stale);
    release();
    await reading;
    expect(repository.peek('guest', 'pkg', 'a') === undefined).toBe(isForgotten);
  });

  it('tells other controllers what was written here', async () => {
    const invalidation = new InProcessInvalidation();
    const told: unknown[] = [];
    invalidation.join({ forgetStale: (stale) => told.push(stale) });
    const limits = { actionCacheBytes: 1, codeCacheBytes: 1 };
    const repository = new ActionRepository({} as ArtifactStore, limits, new ManualClock(), invalidation);
    await repository.forget({ namespace: 'guest', packageName: 'pkg', name: 'a' });
    await repository.forgetPackage('guest', 'pkg');
    expect(told).toEqual([
      { kind: 'action', name: 'guest/pkg/a' },
      { kind: 'package', name: 'guest/pkg' },
    ]);
  });

  it('does not keep what a read brings that a write has overtaken', async () => {
    const { repository, put, hold, release } = make();
    put('guest', 'a', 1);
    hold();
    const overtaken = repository.resolve('guest', undefined, 'a');
    put('guest', 'a', 2);
    await repository.forget({ namespace: 'guest', packageName: undefined, name: 'a' });
    const fresh = repository.resolve('guest', undefined, 'a');
    release();
    expect((await overtaken).revision).toBe(1);
    expect((await fresh).revision).toBe(2);
    expect(repository.peek('guest', undefined, 'a')?.revision).toBe(2);
  });

  it('merges the parameters of the package, and forgets with it', async () => {
    const { repository, put } = make();
    const parameters = (value: number) => ({
      collection: 'packages' as const,
      document: { parameters: [{ key: 'p', value }] },
    });
    put('guest', 'pkg', 1, parameters(1));
    put('guest/pkg', 'a', 1);
    expect((await repository.resolve('guest', 'pkg', 'a')).parameters).toEqual([{ key: 'p', value: 1 }]);
    put('guest', 'pkg', 2, parameters(2));
    await repository.forgetPackage('guest', 'pkg');
    expect((await repository.resolve('guest', 'pkg', 'a')).parameters).toEqual([{ key: 'p', value: 2 }]);
  });

  it.each([
    ['an action that is not there', undefined, 'nosuch', 404, 'The requested resource does not exist.'],
    ['an action in a package that is not there', 'nosuch', 'a', 404, 'The requested resource does not exist.'],
    ['a trigger', undefined, 't', 409, 'Resource by this name exists but is not in this collection.'],
    ['an action in an action', 'a', 'b', 409, 'Resource by this name exists but is not in this collection.'],
  ])('refuses %s', async (_, packageName, name, status, message) => {
    const { repository, put } = make();
    put('guest', 'a', 1);
    put('guest', 't', 1, { collection: 'triggers' });
    const refusal = { status, message, cors: true };
    await expect(repository.resolve('guest', packageName, name)).rejects.toMatchObject(refusal);
    await expect(repository.resolve('guest', packageName, name)).rejects.toMatchObject(refusal);
  });

  it('keeps code by revision, and has none of a revision that is gone', async () => {
    const { repository, reads, put } = make();
    put('guest', 'a', 1);
    const action = await repository.resolve('guest', undefined, 'a');
    expect(await repository.code(action)).toBe('code 1');
    expect(await repository.code(action)).toBe('code 1');
    expect(reads.filter((read) => read.startsWith('code'))).toHaveLength(1);
    expect(await repository.code({ ...action, revision: 7 })).toBeUndefined();
  });

  it('keeps no more than it may', async () => {
    const { repository, put } = make();
    for (let index = 0; index < 100; index++) {
      put('guest', `a${index}`, 1);
      await repository.resolve('guest', undefined, `a${index}`);
    }
    const known = Array.from({ length: 100 }, (_, index) => repository.peek('guest', undefined, `a${index}`)).filter(
      Boolean,
    );
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(20);
    expect(repository.peek('guest', undefined, 'a99')).toBeDefined();
  });
});
