import { openSqliteStores } from '#store';
import { defaultLimits } from '#limits';
import type { Logger } from '#telemetry';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '#clock';
import { RetentionSweep } from './retention-sweep';

const dayMs = 86_400_000;
const warnings: unknown[] = [];
const logger = { warn: (...words: unknown[]) => warnings.push(words) } as unknown as Logger;

describe('retention sweep', () => {
  it('goes on until nothing old is left, records and logs, and leaves what is new', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-retention-'));
    const clock = new ManualClock();
    const stores = await openSqliteStores({ path: join(directory, 'hearth.db'), clock });
    const insert = async (from: number, count: number): Promise<void> => {
      const ids = Array.from({ length: count }, (_, index) => (from + index).toString(16).padStart(32, '0'));
      const at = clock.wallMs();
      await stores.activations.insert(
        ids.map((activationId) => ({
          ...{
            namespace: 'guest',
            activationId,
            acceptedAt: at,
            start: at,
            end: at,
            name: 'a',
            packageName: undefined,
          },
          ...{ statusCode: 0, summary: '{}', record: '{}' },
        })),
      );
      await stores.logs.append(ids.map((activationId) => ({ namespace: 'guest', activationId, lines: ['x'] })));
    };
    await insert(0, 25);
    clock.advance(7 * dayMs + 1);
    await insert(100, 3);
    const sweep = new RetentionSweep(stores.retention, { ...defaultLimits, retentionRowsCount: 4 }, logger);
    await Promise.all([sweep.run(), sweep.run()]);
    expect(await stores.activations.count({ namespace: 'guest', skip: 0 })).toBe(3);
    expect(await stores.logs.read('guest', '0'.repeat(32))).toEqual([]);
    expect(await stores.logs.read('guest', (100).toString(16).padStart(32, '0'))).toEqual(['x']);
    await stores.close();
    await sweep.run();
    await sweep.run();
    expect(warnings).toHaveLength(1);
    rmSync(directory, { recursive: true });
  });
});
