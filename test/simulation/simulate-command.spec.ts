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

const out = join(directory, 'reports');

async function simulate(...words: string[]): Promise<{ code: number; printed: string }> {
  let printed = '';
  const code = await runSimulate([...words, '--out', out], { out: (text) => void (printed += text) });
  return { code, printed };
}

it('keeps containers as the policy says, and shows what that costs', async () => {
  // Each action is called every 200 s.
  const words = [
    '--policy',
    'fixed,lru,hybrid-histogram',
    '--keep-minutes',
    '2,20',
    '--stem-cells',
    '0',
    '--json',
    json,
  ];
  const { code, printed } = await simulate(file, ...words);
  expect(code).toBe(0);
  expect(printed).toMatch(/^fixed 2 min +100\.00 % +100\.00 %/m);
  expect(printed).toMatch(/^lru +10\.00 %/m);
  const { policies } = JSON.parse(readFileSync(json, 'utf8')) as {
    policies: { name: string; coldShare: number; wastedGbS: number }[];
  };
  expect(policies.map(({ name }) => name)).toEqual(['fixed 2 min', 'fixed 20 min', 'lru', 'hybrid-histogram']);
  const [fixed, long, lru, hybrid] = policies as [
    (typeof policies)[0],
    (typeof policies)[0],
    (typeof policies)[0],
    (typeof policies)[0],
  ];
  // It has seen five times by then, and keeps from there on.
  expect(hybrid.coldShare).toBeLessThan(fixed.coldShare);
  expect(hybrid.coldShare).toBeGreaterThan(lru.coldShare);
  expect(fixed.wastedGbS).toBeLessThan(long.wastedGbS);
  expect(long.coldShare).toBe(lru.coldShare);
});

it('leaves the reports of a run for each policy, and one of all with plots', async () => {
  const { printed } = await simulate(file, '--policy', 'fixed,lru', '--plots', 'svg');
  const page = readFileSync(join(out, 'policies.html'), 'utf8');
  expect(page).toContain('Cold starts against wasted memory');
  expect(page).not.toMatch(/NaN|Infinity|undefined|<script/);
  expect(readFileSync(join(out, 'cold-starts-against-memory.svg'), 'utf8')).toMatch(/^<svg.*<circle/s);
  for (const name of ['fixed-10-min', 'lru']) {
    expect(printed).toContain(join(out, name, 'report.html'));
    expect(readFileSync(join(out, name, 'report.html'), 'utf8')).toContain('simulated on 1 node of 2048 MB');
    expect(readFileSync(join(out, name, 'result.json'), 'utf8')).toContain('hearth-workload-result');
  }
  await simulate(file);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('policy fixed 10 min');
});

it('counts on the arrivals what a cluster would do, beside it', async () => {
  const { code, printed } = await simulate(file, '--count', '--keep-minutes', '2,20');
  expect(code).toBe(0);
  // Each action is called every 200 s: one of ten calls is its first.
  expect(printed).toMatch(/^fixed 2 min +100\.00 %/m);
  expect(printed).toMatch(/^fixed 20 min +10\.00 %/m);
  expect(printed).toMatch(/^hybrid as published /m);
});

it('does the same with the same seed', async () => {
  const of = ({ printed }: { printed: string }): string => printed.replaceAll(/in [\d.]+ s$/gm, '');
  expect(of(await simulate(file))).toBe(of(await simulate(file)));
});

it('refuses what it does not understand, with one sentence', async () => {
  expect((await simulate(file, '--policy', 'best')).printed).toMatch(/there is no policy "best"; choose of fixed, lru/);
  expect((await simulate(file, '--plots', 'gif')).printed).toMatch(/--plots is "gif"/);
  expect((await simulate(file, '--keep-minutes', '5,x')).printed).toMatch(/--keep-minutes is "x"/);
  expect((await simulate()).code).toBe(2);
  expect((await simulate(join(directory, 'none.yaml'))).code).toBe(1);
});
