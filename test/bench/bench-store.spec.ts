// The bench of the stores: what it prints and leaves behind. Figures are nobody's business here.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

describe('npm run bench:store', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.run('bench-store.mjs', words);

  it('fills and lists a store and ends with the targets', async () => {
    const file = directory.file('bench.json');
    const { code, printed } = await bench('--only', 'sqlite', '--rows', '2000', '--lists', '2', '--json', file);
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/^sqlite: 2000 records of 1 KB in batches of 500, \d+ a second$/m),
    ]);
    expect(printed.trimEnd().split('\n').slice(-6)).toEqual([
      ...['inserts-per-second', 'list-p99', 'memory-growth'].map((name): unknown =>
        expect.stringMatching(new RegExp(`^target store-sqlite-${name}: [-\\d.]+.* (ok|MISSED)$`)),
      ),
      'target store-postgres-inserts-per-second: not measured (>= 5000) MISSED',
      'target store-postgres-list-p99: not measured (<= 20 ms) MISSED',
      'target store-postgres-memory-growth: not measured (<= 64 MB) MISSED',
    ]);
    const { measured } = JSON.parse(readFileSync(file, 'utf8')) as { measured: Record<string, unknown> };
    expect(Object.keys(measured)).toEqual(['sqlite']);
  });

  it('names a store that there is not', async () => {
    const { code, printed } = await bench('--only', 'couchdb');
    expect([code, printed]).toEqual([1, 'bench: there is no store "couchdb"; choose of sqlite, postgres\n']);
  });
});
