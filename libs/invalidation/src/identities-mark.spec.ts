import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { touchIdentitiesMark, watchIdentitiesMark } from './identities-mark';

const everyMs = 20;

describe('the mark that identities were written', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hearth-mark-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is noticed by everybody who watches, also when the file is new, and by nobody who has stopped', async () => {
    const noticed = [0, 0];
    const stops = noticed.map((_, at) => watchIdentitiesMark(directory, everyMs, () => (noticed[at]! += 1)));
    const until = async (counts: number[]): Promise<void> => {
      for (let left = 200; left > 0 && noticed.join() !== counts.join(); left--) await pause(10);
      expect(noticed).toEqual(counts);
    };
    await pause(2 * everyMs);
    touchIdentitiesMark(directory, 1_000);
    await until([1, 1]);
    stops[0]!();
    touchIdentitiesMark(directory, 2_000);
    await until([1, 2]);
    stops[1]!();
  });
});
