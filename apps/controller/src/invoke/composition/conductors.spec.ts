// Conductors, rule by rule (compatibility notes 3.5, A26, R18).
import { messages } from '#entity';
import { actionOf, type Behaviour, CompositionUnderTest, conductorOf, sequenceOf } from './composition-under-test';

const world = (conductor: Behaviour, limits = {}): CompositionUnderTest =>
  new CompositionUnderTest(limits)
    .has(conductorOf('guest/c'), conductor)
    .has(actionOf('guest/inc'), ({ n }) => ({ result: { n: Number(n ?? 0) + 1 } }))
    .has(actionOf('guest/err'), () => ({ result: { error: 'sorry' } }))
    .has(actionOf('guest/list'), () => ({ result: [1, 2] }));

/** Says this first, then ends with all that it is given. */
const first =
  (said: unknown): Behaviour =>
  (payload, run) => ({ result: run === 0 ? said : { params: { seen: payload } } });

const seen = (test: CompositionUnderTest, payload: unknown = {}): unknown =>
  (JSON.parse(test.run('guest/c', payload).response.result) as { seen: unknown }).seen;

describe('a conductor', () => {
  it.each([
    ['the params', { params: { done: 1 }, state: { x: 1 } }, { done: 1 }],
    ['params that are no object, boxed', { params: 5 }, { value: 5 }],
    ['the whole result', { some: 'result' }, { some: 'result' }],
  ])('that names no action ends the composition with %s', (_what, said, result) => {
    const end = world(() => ({ result: said })).run('guest/c');
    expect(end.response).toEqual({ statusCode: 0, result: JSON.stringify(result), size: undefined });
    expect(end.logs).toHaveLength(1);
  });

  it('that answers a list ends the composition with it', () => {
    expect(world(() => ({ result: [1] })).run('guest/c').response.result).toBe('[1]');
  });

  it('that fails ends the composition as it did', () => {
    const failing = world(() => ({ result: { error: 'no' }, statusCode: 2 }));
    expect(failing.run('guest/c').response).toEqual({ statusCode: 2, result: '{"error":"no"}', size: undefined });
  });

  it('is called again with what the action answered, its state over that', () => {
    const said = { action: 'inc', params: { n: 4 }, state: { n: 'mine', k: 1 } };
    expect(seen(world(first(said)))).toEqual({ n: 'mine', k: 1 });
    expect(seen(world(first({ action: 'inc', params: { n: 4 } })))).toEqual({ n: 5 });
  });

  it('keeps its state only until it is called', () => {
    const test = world((_payload, run) => ({
      result: run < 2 ? { action: 'inc', ...(run === 0 ? { state: { k: 1 } } : {}) } : { done: 1 },
    }));
    test.run('guest/c');
    const payloads = test.runs.filter(({ name }) => name === 'guest/c').map(({ payload }) => payload);
    expect(payloads).toEqual([{}, { k: 1, n: 1 }, { n: 1 }]);
  });

  it('has state that is no object boxed, and params, too', () => {
    const test = world(first({ action: 'inc', params: 5, state: 5 }));
    expect(seen(test)).toEqual({ n: 1, state: 5 });
    expect(test.runs[1]!.payload).toEqual({ value: 5 });
  });

  it('gets a list as it is, or as a value beside its state', () => {
    const test = world(first({ action: 'list' }));
    expect(seen(test)).toEqual([1, 2]);
    expect(seen(world(first({ action: 'list', state: { k: 1 } })))).toEqual({ value: [1, 2], k: 1 });
  });

  it('is told of the error of an action, and goes on', () => {
    const test = world(first({ action: 'err', state: { r: 1 } }));
    expect(seen(test)).toEqual({ error: 'sorry', r: 1 });
  });

  it.each([
    ['is no name', 5, messages.compositionNameInvalid('5')],
    ['is no name', { a: [1, 'x'] }, messages.compositionNameInvalid('{"a":[1,"x"]}')],
    ['is no possible name', 'a/b/c/d', messages.compositionNameInvalid('"a/b/c/d"')],
    ['is no possible name', '/inc', messages.compositionNameInvalid('"/inc"')],
    ['is not there', 'gone', messages.compositionNameNotFound('guest/gone')],
    ['is not there', '/_/p/gone', messages.compositionNameNotFound('guest/p/gone')],
    ['may not be used', '/other/p/a', messages.compositionNameNotAllowed('other/p/a')],
  ])('is told when what it asks for %s: %j', (_what, action, text) => {
    const test = world(first({ action })).refuses('other/p/a', 'not allowed');
    expect(seen(test)).toEqual({ error: text });
    expect(test.runs.map(({ name }) => name)).toEqual(['guest/c', 'guest/c']);
  });

  it.each(['inc', '/_/inc', '/guest/inc', 'guest/inc'])('may call an action of its namespace %j', (action) => {
    const test = world(first({ action })).has(actionOf('guest/guest/inc'), () => ({ result: { n: 1 } }));
    expect(seen(test)).toEqual({ n: 1 });
  });

  it('takes two segments as package and action, three as namespace, package and action', () => {
    const test = world((_payload, run) => ({ result: { action: ['p/a', '/other/p/a', 'other/p/a'][run] } }));
    test.has(actionOf('guest/p/a')).has(actionOf('other/p/a')).run('guest/c');
    expect(test.runs.map(({ name }) => name).filter((name) => name !== 'guest/c')).toEqual([
      'guest/p/a',
      'other/p/a',
      'other/p/a',
    ]);
  });

  it.each([
    ['failed', messages.compositionFailed, 1],
    ['timed out', messages.compositionTimedOut('00000000000000000000000000000003'), 2],
  ] as const)('does not hear of an action that %s: the composition ends', (why, text, logged) => {
    const end = world(first({ action: 'inc' }))
      .has(actionOf('guest/inc'), () => why)
      .run('guest/c');
    expect(end.response).toEqual({ statusCode: 3, result: JSON.stringify({ error: text }), size: undefined });
    expect(end.logs).toHaveLength(logged);
  });

  it('shows its own memory at least', () => {
    const small = actionOf('guest/inc', { limits: { timeout: 1, memory: 128, logs: 0, concurrency: 1 } });
    expect(
      world(first({ action: 'inc' }))
        .has(small)
        .run('guest/c').memoryMb,
    ).toBe(256);
  });
});

describe('the budget of a composition', () => {
  const loop = (): CompositionUnderTest => world(() => ({ result: { action: 'inc' } }));

  it('is 50 components and 101 runs of the conductor, then it ends as an error', () => {
    const end = loop().run('guest/c');
    expect(end.response).toMatchObject({
      statusCode: 1,
      result: JSON.stringify({ error: messages.compositionTooLong }),
    });
    expect(end.logs).toHaveLength(101 + 50);
  });

  it('is told to a conductor that has used up its components', () => {
    const test = world(({ error }) => ({ result: error === undefined ? { action: 'inc' } : { params: { error } } }));
    const end = test.run('guest/c');
    expect(end.response).toMatchObject({ statusCode: 0 });
    expect(end.logs).toHaveLength(52 + 50);
  });

  it('counts a sequence as one, and an inner conductor by what it runs', () => {
    const test = world((_payload, run) => ({ result: run < 2 ? { action: ['s', 'd'][run] } : {} }));
    test.has(sequenceOf('guest/s', Array<string>(50).fill('guest/inc')));
    test.has(conductorOf('guest/d'), ({ error }) => ({ result: error === undefined ? { action: 'inc' } : {} }));
    test.run('guest/c');
    const inner = test.ended.find(({ facts }) => facts.action.name === 'd')!;
    // One of the 50 was the sequence.
    expect(inner.logs).toHaveLength(51 + 49);
  });

  it('is counted in all, since conductors may call each other through sequences', () => {
    const test = world(() => ({ result: { action: 's' } }), { compositionActivationsCount: 300 });
    test.has(sequenceOf('guest/s', ['guest/c']));
    const end = test.run('guest/c');
    expect(end.response.result).toBe(JSON.stringify({ error: messages.compositionTooLong }));
    expect(test.runs).toHaveLength(300);
  });
});
