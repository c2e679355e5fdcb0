// The bench of the stores: what it prints and leaves behind. Figures are nobody's business here.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

jest.setTimeout(120_000);

describe('npm run bench:store', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.run('bench-store.mjs', words);

  it('fills and lists a store and ends with the targets', async () => {
    const file = directory.file('bench.json');
    const sizes = ['--rows', '3000', '--inserts', '2000', '--lists', '2'];
    const { code, printed } = await bench('--only', 'sqlite', ...sizes, '--json', file);
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/^sqlite: 3,000 records of 1 KB; the last 2,000 in batches of 500: \d+ a second/m),
    ]);
    expect(printed.trimEnd().split('\n').slice(-7)).toEqual([
      ...['inserts-per-second', 'list-p99', 'list-p99-while-inserting'].map((name): unknown =>
        expect.stringMatching(new RegExp(`^target store-sqlite-${name}: [-\\d.]+.* (ok|MISSED)$`)),
      ),
      'target store-postgres-inserts-per-second: not measured (>= 5000) MISSED',
      'target store-postgres-list-p99: not measured (<= 20 ms) MISSED',
      'target store-postgres-list-p99-while-inserting: not measured (<= 20 ms) MISSED',
      'target store-controller-memory-growth: not measured (<= 20 MB) MISSED',
    ]);
    const { measured } = JSON.parse(readFileSync(file, 'utf8')) as { measured: Record<string, unknown> };
    expect(Object.keys(measured)).toEqual(['sqlite']);
  });

  it('watches the memory of a controller under load', async () => {
    const { code, printed } = await bench('--only', 'controller', '--seconds', '2', '--warm-up', '3');
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/^controller: \d+ records written and lists read; .* MB 2 s later, -?[\d.]+ MB a minute$/m),
    ]);
    expect(printed).toMatch(/^target store-controller-memory-growth: -?[\d.]+ MB \(/m);
  });

  it('names a store that there is not', async () => {
    const { code, printed } = await bench('--only', 'couchdb');
    expect([code, printed]).toEqual([
      1,
      'bench: there is no store "couchdb"; choose of sqlite, postgres, controller, threads\n',
    ]);
  });
});
