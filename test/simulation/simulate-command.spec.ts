// `hearth simulate`: the same file as on a real platform, the same tables, any policy.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSimulate } from './simulate-command';

const directory = mkdtempSync(join(tmpdir(), 'hearth-simulate-'));
const file = join(directory, 'workload.yaml');
const json = join(directory, 'result.json');
writeFileSync(
  file,
  `name: rare
scenarios:
  - name: rare
    actions: { count: 4, popularity: roundRobin }
    arrivals: { constant: { perSecond: 0.02 } }
    requests: 40
`,
);
afterAll(() => rmSync(directory, { recursive: true }));

function simulate(...words: string[]): { code: number; printed: string } {
  let printed = '';
  const code = runSimulate(words, { out: (text) => void (printed += text) });
  return { code, printed };
}

it('keeps containers as the policy says, and shows what that costs', () => {
  // Each action is called every 200 s.
  const words = ['--policy', 'fixed,lru,hybrid-histogram', '--keep-minutes', '2', '--stem-cells', '0', '--json', json];
  const { code, printed } = simulate(file, ...words);
  expect(code).toBe(0);
  expect(printed).toMatch(/^fixed +100\.00 %/m);
  expect(printed).toMatch(/^lru +10\.00 %/m);
  const { policies } = JSON.parse(readFileSync(json, 'utf8')) as {
    policies: { policy: string; coldShare: number; wastedGbS: number }[];
  };
  const [fixed, lru, hybrid] = policies as [(typeof policies)[0], (typeof policies)[0], (typeof policies)[0]];
  // It has seen five times by then, and keeps from there on.
  expect(hybrid.coldShare).toBeLessThan(fixed.coldShare);
  expect(hybrid.coldShare).toBeGreaterThan(lru.coldShare);
  expect(fixed.wastedGbS).toBeLessThan(lru.wastedGbS);
});

it('does the same with the same seed', () => {
  const of = (printed: string): string => printed.replaceAll(/in [\d.]+ s$/gm, '');
  expect(of(simulate(file).printed)).toBe(of(simulate(file).printed));
});

it('refuses what it does not understand, with one sentence', () => {
  expect(simulate(file, '--policy', 'best').printed).toMatch(/there is no policy "best"; choose of fixed, lru/);
  expect(simulate().code).toBe(2);
  expect(simulate(join(directory, 'none.yaml')).code).toBe(1);
});
