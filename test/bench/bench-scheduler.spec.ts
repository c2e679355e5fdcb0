// The bench of the scheduler: what it prints and leaves behind. Figures are nobody's business here.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

describe('npm run bench:scheduler', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.run('bench-scheduler.mjs', words);

  it('measures the pool at two sizes and the whole scheduler, and ends with its targets', async () => {
    const file = directory.file('bench.json');
    const small = ['--share', '0.01', '--demands', '500', '--rounds', '1', '--rate', '50', '--seconds', '1'];
    const { code, printed } = await bench(...small, '--json', file);
    expect([code, printed]).toEqual([0, expect.stringContaining('pool of 10 nodes, 1,000 containers, 100 keys')]);
    expect(printed.trimEnd().split('\n').slice(-4)).toEqual([
      expect.stringMatching(/^target pool-decisions-per-second: [\d.]+ \(>= 50000\) (ok|MISSED)$/),
      expect.stringMatching(/^target pool-cost-of-a-hundredth: [\d.]+ \(<= 2\) (ok|MISSED)$/),
      expect.stringMatching(/^target scheduler-grants-per-second: [\d.]+ \(>= 2000\) MISSED$/),
      expect.stringMatching(/^target scheduler-p99-beyond-creation: [\d.]+ ms \(<= 100 ms\) (ok|MISSED)$/),
    ]);
    const { pool, grants } = JSON.parse(readFileSync(file, 'utf8')) as {
      pool: { rows: { containers: number; answers: Record<string, number> }[] };
      grants: { grantsPerSecond: number; p50Ms: number };
    };
    expect(pool.rows.map(({ containers }) => containers)).toEqual([10, 1_000]);
    expect(pool.rows[1]!.answers).toMatchObject({ move: expect.any(Number), reclaim: expect.any(Number) });
    expect(grants.grantsPerSecond).toBeGreaterThan(0);
    // No grant comes before its container was made.
    expect(grants.p50Ms).toBeGreaterThan(40);
  }, 90_000);

  it('a wrong option is one sentence and exit code 2', async () => {
    const { code, printed } = await bench('--rate', 'x');
    expect([code, printed]).toEqual([2, 'bench: --rate is "x"; give a number of at least 1\n']);
  });

  it('measures any policy, and refuses one that there is not', async () => {
    const small = ['--only', 'pool', '--share', '0.01', '--demands', '200', '--rounds', '1'];
    const { code } = await bench(...small, '--placement', 'hash-home', '--reclaim', 'greedy-dual');
    expect(code).toBe(0);
    const refused = await bench(...small, '--placement', 'fullest');
    expect([refused.code, refused.printed]).toEqual([1, expect.stringContaining('no placement policy "fullest"')]);
  }, 60_000);
});
