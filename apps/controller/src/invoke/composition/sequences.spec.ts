// Sequences, rule by rule (compatibility notes 3.4, A27, R14).
import { messages } from '#entity';
import { actionOf, type Behaviour, CompositionUnderTest, conductorOf, sequenceOf } from './composition-under-test';

const increments: Behaviour = ({ n }) => ({ result: { n: Number(n ?? 0) + 1 } });
const doubles: Behaviour = ({ n }) => ({ result: { n: Number(n) * 2 }, ms: 30 });

const world = (limits = {}): CompositionUnderTest =>
  new CompositionUnderTest(limits)
    .has(actionOf('guest/inc'), increments)
    .has(actionOf('guest/dbl', { limits: { timeout: 1, memory: 512, logs: 0, concurrency: 1 } }), doubles)
    .has(actionOf('guest/err'), () => ({ result: { error: 'sorry' } }))
    .has(actionOf('guest/list'), () => ({ result: [1, 2] }))
    .has(sequenceOf('guest/s', ['guest/inc', 'guest/dbl']));

const error = (text: string): string => JSON.stringify({ error: text });

describe('a sequence', () => {
  it('gives each the result of the one before, and answers with the last one', () => {
    const test = world();
    const end = test.run('guest/s', { n: 4 });
    expect(test.runs.map(({ payload }) => payload)).toEqual([{ n: 4 }, { n: 5 }]);
    expect(end.response).toEqual({ statusCode: 0, result: '{"n":10}', size: 8 });
  });

  it('has the ids of its components as logs, the sum of their durations, the most of their memory', () => {
    const test = world();
    const end = test.run('guest/s', { n: 4 });
    expect(end).toMatchObject({ durationMs: 40, memoryMb: 512, logs: test.runs.map(({ id }) => id) });
    expect(end.end - end.facts.start).toBe(42);
    expect(new Set(test.runs.map(({ cause }) => cause))).toEqual(new Set([end.facts.activationId]));
  });

  it('ends with the first error, whole', () => {
    const test = world().has(sequenceOf('guest/t', ['guest/inc', 'guest/err', 'guest/dbl']));
    expect(test.run('guest/t').response).toMatchObject({ statusCode: 1, result: error('sorry') });
    expect(test.runs).toHaveLength(2);
  });

  it('passes a list on, and answers with one', () => {
    const test = world().has(actionOf('guest/echo'), (payload) => ({ result: payload }));
    expect(test.has(sequenceOf('guest/t', ['guest/list', 'guest/echo'])).run('guest/t').response.result).toBe('[1,2]');
  });

  it('notices a missing component when its turn comes', () => {
    const test = world().has(sequenceOf('guest/t', ['guest/inc', 'guest/gone', 'guest/dbl']));
    const end = test.run('guest/t');
    expect(end.response).toEqual({ statusCode: 1, result: error(messages.sequenceComponentMissing), size: undefined });
    expect(end.logs).toHaveLength(1);
  });

  it('has no memory to show if nothing ran', () => {
    const end = world()
      .has(sequenceOf('guest/t', ['guest/gone']))
      .run('guest/t');
    expect(end).toMatchObject({ memoryMb: undefined, durationMs: 0, logs: [] });
  });

  it.each([
    ['failed', messages.sequenceFailed, 0],
    ['timed out', messages.sequenceTimedOut('00000000000000000000000000000002'), 1],
  ] as const)('is a whisk internal error when a component %s', (why, text, logged) => {
    const test = world().has(actionOf('guest/inc'), () => why);
    const end = test.run('guest/s');
    expect(end.response).toEqual({ statusCode: 3, result: error(text), size: undefined });
    expect(end.logs).toHaveLength(logged);
  });

  it('is a whisk internal error when a component cannot be read', () => {
    expect(world().refuses('guest/inc', 'unreadable').run('guest/s').response.result).toBe(
      error(messages.sequenceFailed),
    );
  });
});

describe('a sequence in a sequence', () => {
  const nested = (): CompositionUnderTest => world().has(sequenceOf('guest/outer', ['guest/s', 'guest/inc']));

  it('is one component with a record of its own, caused by the outer one', () => {
    const test = nested();
    const end = test.run('guest/outer', { n: 4 });
    const [inner] = test.ended;
    expect(test.begun.map(({ activationId }) => activationId)).toEqual([inner!.facts.activationId]);
    expect(inner!.facts.cause).toBe(end.facts.activationId);
    expect(end.logs).toEqual([inner!.facts.activationId, test.runs[2]!.id]);
    expect(inner!.logs).toEqual(test.runs.slice(0, 2).map(({ id }) => id));
    expect(end).toMatchObject({ durationMs: 50, memoryMb: 512, response: { result: '{"n":11}' } });
  });

  it('counts its actions against the length of the outer one', () => {
    const test = world({ sequenceLengthCount: 2 }).has(sequenceOf('guest/outer', ['guest/s', 'guest/inc']));
    const end = test.run('guest/outer');
    expect(end.response).toMatchObject({ statusCode: 1, result: error(messages.sequenceTooLong) });
    expect(test.runs).toHaveLength(2);
  });

  it('ends the outer one with its own error', () => {
    const test = nested().has(sequenceOf('guest/s', ['guest/gone']));
    expect(test.run('guest/outer').response.result).toBe(error(messages.sequenceComponentMissing));
  });

  it('that has come to contain itself ends at the depth of compositions', () => {
    const test = world({ compositionDepthCount: 5 }).has(sequenceOf('guest/s', ['guest/s']));
    expect(test.run('guest/s').response.result).toBe(error(messages.sequenceTooLong));
    expect(test.ended).toHaveLength(4);
  });
});

it('a conductor in a sequence is one atomic action', () => {
  const test = world({ sequenceLengthCount: 1 })
    .has(conductorOf('guest/c'), ({ n }) => (n === undefined ? { result: { action: 'inc' } } : { result: { n } }))
    .has(sequenceOf('guest/t', ['guest/c']));
  const end = test.run('guest/t');
  expect(end.response).toMatchObject({ statusCode: 0, result: '{"n":1}', size: undefined });
  expect(end.logs).toEqual([test.ended[0]!.facts.activationId]);
});
