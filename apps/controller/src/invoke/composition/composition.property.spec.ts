// Compositions of any shape, by property: sequences and conductors that call each other as chance has it, actions that fail, are gone or
// cannot be run. Whatever happens, each composition ends once and its records fit together.
import fc from 'fast-check';
import { actionOf, type Answer, CompositionUnderTest, conductorOf, sequenceOf } from './composition-under-test';

const names = ['a0', 'a1', 's0', 's1', 's2', 'c0', 'c1', 'gone'] as const;
const named = fc.constantFrom(...names);
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ result: fc.dictionary(fc.constantFrom('n', 'error', 'x'), fc.jsonValue()) }) },
  { weight: 2, arbitrary: fc.record({ result: fc.array(fc.integer()) }) },
  { weight: 1, arbitrary: fc.constantFrom('failed' as const, 'timed out' as const) },
);
const said = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { action: named, params: fc.jsonValue(), state: fc.jsonValue() },
      { requiredKeys: ['action'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ action: fc.jsonValue() }) },
  { weight: 2, arbitrary: fc.record({ params: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.record({ error: fc.jsonValue() }) },
);

const limits = { sequenceLengthCount: 6, compositionDepthCount: 5, compositionActivationsCount: 60 };

const worlds = fc.record({
  sequences: fc.array(fc.array(named, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 3 }),
  conductors: fc.array(fc.array(said, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 2 }),
  answers: fc.array(answer, { minLength: 1, maxLength: 8 }),
  topmost: fc.constantFrom('s0', 'c0'),
});

it('ends each once, inner ones first, with logs and causes that say the same', () => {
  fc.assert(
    fc.property(worlds, ({ sequences, conductors, answers, topmost }) => {
      const test = new CompositionUnderTest(limits);
      for (const name of ['a0', 'a1']) test.has(actionOf(`guest/${name}`), (_, run) => answers[run % answers.length]!);
      sequences.forEach((components, at) => {
        test.has(
          sequenceOf(
            `guest/s${at}`,
            components.map((component) => `guest/${component}`),
          ),
        );
      });
      conductors.forEach((program, at) => {
        test.has(conductorOf(`guest/c${at}`), (_, run) => ({ result: program[run % program.length] }));
      });

      const end = test.run(`guest/${topmost}`);

      const ends = [...test.ended, end];
      const ids = ends.map(({ facts }) => facts.activationId);
      // Every one that was begun has ended, once; ids are never used twice.
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids)).toEqual(new Set([...test.begun.map(({ activationId }) => activationId), ids.at(-1)!]));
      expect(test.runs.filter(({ id }) => ids.includes(id))).toEqual([]);
      // Logs name exactly what ran for a composition, in order, and that names it as its cause.
      for (const { facts, logs } of ends) {
        const parts = [...test.runs.map(({ id, cause }) => ({ id, cause })), ...ends.map(asPart)];
        expect(new Set(logs)).toEqual(
          new Set(parts.filter(({ cause }) => cause === facts.activationId).map(({ id }) => id)),
        );
        expect([...logs]).toEqual([...logs].sort());
      }
      // Nothing is run beyond the bounds.
      expect(test.runs.length).toBeLessThanOrEqual(limits.compositionActivationsCount);
      for (const { facts } of ends) expect(depthOf(facts.cause, ends)).toBeLessThan(limits.compositionDepthCount);
      // The response is one: JSON of an object or a list.
      for (const { response } of ends) expect(typeof JSON.parse(response.result)).toBe('object');
    }),
    { numRuns: 500 },
  );
});

interface Part {
  readonly facts: { readonly activationId: string; readonly cause: string | undefined };
}

const asPart = ({ facts }: Part): { id: string; cause: string | undefined } => ({
  id: facts.activationId,
  cause: facts.cause,
});

function depthOf(cause: string | undefined, ends: readonly Part[]): number {
  let depth = 0;
  for (let id = cause; id !== undefined; depth++) id = ends.find(({ facts }) => facts.activationId === id)?.facts.cause;
  return depth;
}
