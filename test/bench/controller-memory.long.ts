// A controller's memory stays flat over minutes of load: what `npm run bench:store` watches for seconds. HEARTH_MEMORY_SECONDS sets how long.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

const seconds = Number(process.env.HEARTH_MEMORY_SECONDS ?? 300);
/** Of the resident memory, which breathes with the collector: what a leak of half a kilobyte for each record would exceed. */
const growthMostMb = 30;
jest.setTimeout(2 * seconds * 1_000 + 180_000);

interface Figures {
  readonly measured: { readonly controller: { earlyMb: number; lateMb: number; mbPerMinute: number; records: number } };
}

describe('the memory of a controller', () => {
  const directory = new BenchDirectory();

  it(`stays flat for ${seconds} s while records are written and lists are read`, async () => {
    const file = directory.file('memory.json');
    const { code, printed } = await directory.run('bench-store.mjs', [
      ...['--only', 'controller', '--seconds', String(seconds), '--warm-up', String(seconds / 2)],
      ...['--json', file],
    ]);
    expect([code, printed]).toEqual([0, expect.stringContaining('controller: ')]);
    const { controller } = (JSON.parse(readFileSync(file, 'utf8')) as Figures).measured;
    process.stdout.write(`      ${printed.split('\n').find((line) => line.startsWith('controller: '))}\n`);
    expect(controller.records).toBeGreaterThan(seconds * 20);
    expect(controller.lateMb - controller.earlyMb).toBeLessThan(growthMostMb);
  });
});
