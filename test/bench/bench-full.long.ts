// Every scenario of the full bench, as short as it can be: that each is measured, not what it shows.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

interface Document {
  readonly scenarios: Readonly<Record<string, { readonly rows: unknown[]; readonly notes: string[] }>>;
  readonly targets: { readonly name: string; readonly value: number | null }[];
}

describe('npm run bench:full', () => {
  const directory = new BenchDirectory();

  it('measures every scenario and drops nothing silently', async () => {
    const file = directory.file('bench.json');
    const short = ['full', '--seconds', '0.5', '--rounds', '1', '--soak-minutes', '0.2'];
    const { code, printed } = await directory.run('bench.mjs', [
      ...short,
      '--json',
      file,
      '--html',
      directory.file('report.html'),
    ]);
    expect([code, printed]).toEqual([0, expect.stringContaining('target soak-errors: 0 (<= 0) ok')]);
    const { scenarios, targets } = JSON.parse(readFileSync(file, 'utf8')) as Document;
    expect(Object.keys(scenarios)).toHaveLength(12);
    for (const [name, { rows, notes }] of Object.entries(scenarios)) {
      expect([name, notes.filter((note) => note.startsWith('not measured'))]).toEqual([name, []]);
      expect([name, rows.length]).not.toEqual([name, 0]);
    }
    const errors = targets.filter(({ name }) => name.includes('errors'));
    expect(errors.length).toBeGreaterThan(5);
    expect(errors.filter(({ value }) => value !== 0)).toEqual([]);
  }, 1_200_000);
});
