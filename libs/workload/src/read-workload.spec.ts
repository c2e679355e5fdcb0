import { readFileSync } from 'node:fs';
import { productFile } from '#config';
import { problemLine, readWorkload } from './read-workload';
import { workloadJsonSchema } from './workload-file';

const problems = (text: string): string[] =>
  (readWorkload(text).problems ?? []).map((problem) => problemLine('w.yaml', problem));

const scenario = (...lines: string[]): string =>
  ['name: one', 'scenarios:', '  - name: a', ...lines.map((line) => `    ${line}`)].join('\n');

describe('a workload file', () => {
  it('gets its defaults', () => {
    const { workload } = readWorkload(scenario('requests: 5', 'arrivals: { closed: { users: 2 } }'));
    expect(workload).toMatchObject({
      seed: 1,
      order: 'parallel',
      scenarios: [{ start: 'any', completion: 'blocking' }],
    });
  });

  it.each([
    [
      'an unknown field',
      scenario('requests: 5', 'arrivals:', '  poisson: { perSec: 5 }'),
      [
        'w.yaml:6: scenarios[0].arrivals.poisson.perSecond: invalid input: expected number, received undefined',
        'w.yaml:6: scenarios[0].arrivals.poisson.perSec: is no field here; there are perSecond',
      ],
    ],
    [
      'an unknown field of a distribution',
      scenario('requests: 5', 'arrivals: { constant: { perSecond: 1 } }', 'work:', '  sleepMs: { lognormal: 5 }'),
      [
        expect.stringMatching(
          /^w\.yaml:7: scenarios\[0\]\.work\.sleepMs\.lognormal: is no field here; there are constant, uniform, /,
        ),
      ],
    ],
    ['a syntax error', 'name: [', [expect.stringMatching(/^w\.yaml:1: /)]],
    ['an empty file', '', ['w.yaml:1: invalid input: expected object, received null']],
    [
      'two kinds of arrivals',
      scenario('requests: 5', 'arrivals:', '  poisson: { perSecond: 5 }', '  constant: { perSecond: 5 }'),
      ['w.yaml:5: scenarios[0].arrivals: names constant and poisson; give one kind of arrivals'],
    ],
    [
      'no end',
      scenario('arrivals: { poisson: { perSecond: 5 } }'),
      ['w.yaml:4: scenarios[0].arrivals: does not end; give requests or durationMs'],
    ],
    [
      'weights for other actions',
      scenario(
        'requests: 5',
        'arrivals: { poisson: { perSecond: 5 } }',
        'actions:',
        '  count: 3',
        '  popularity: { weights: [1, 2] }',
      ),
      ['w.yaml:8: scenarios[0].actions.popularity.weights: has 2 numbers for 3 actions'],
    ],
    [
      'suspended starts of actions that do not rest',
      scenario('requests: 5', 'arrivals: { constant: { perSecond: 1 } }', 'start: suspended', 'actions: { count: 5 }'),
      [
        expect.stringContaining(
          'w.yaml:6: scenarios[0].start: is suspended, but each action would rest for 5000 ms only',
        ),
      ],
    ],
    [
      'prewarmed starts with other memory',
      scenario(
        'requests: 5',
        'arrivals: { constant: { perSecond: 1 } }',
        'start: prewarmed',
        'actions: { memoryMb: 128 }',
      ),
      [expect.stringContaining('w.yaml:7: scenarios[0].actions.memoryMb: is not that of stem cells')],
    ],
    [
      'two distributions in one',
      scenario(
        'requests: 5',
        'arrivals: { constant: { perSecond: 1 } }',
        'work:',
        '  cpuMs: { constant: 5, exponential: { mean: 1 } }',
      ),
      [expect.stringContaining('w.yaml:7: scenarios[0].work.cpuMs: names constant and exponential')],
    ],
    [
      'a scenario after one that does not exist',
      scenario('requests: 5', 'arrivals: { constant: { perSecond: 1 } }', 'after: b'),
      ['w.yaml:6: scenarios[0].after: "b" is no scenario before this one'],
    ],
    [
      'wild with other arrivals',
      scenario('durationMs: 5', 'arrivals: { constant: { perSecond: 1 } }', 'wild: { apps: 5, perSecond: 3 }'),
      ['w.yaml:5: scenarios[0].arrivals: wild says what arrivals are; leave one of them out'],
    ],
  ])('names line and field of %s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('has a JSON schema that is committed as it is', () => {
    const committed: unknown = JSON.parse(readFileSync(productFile('workloads/workload.schema.json'), 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(workloadJsonSchema())));
  });
});
