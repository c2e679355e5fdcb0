// A SQLite file on a disk that becomes full, and gets room again: a file system of a few megabytes in memory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idOf, recordOf } from '../conformance/records';
import { openSqliteStores } from './open-sqlite-stores';

const mebibyte = 1_048_576;

it('says unavailable while the disk is full, goes on reading, and writes again once there is room', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', directory]);
  const filler = join(directory, 'filler');
  try {
    writeFileSync(filler, Buffer.alloc(3 * mebibyte));
    const stores = await openSqliteStores({ path: join(directory, 'hearth.db') });
    const { activations } = stores;
    const record = JSON.stringify({ text: 'x'.repeat(50_000) });
    const insert = (index: number) => activations.insert([recordOf(index, { record })]);
    let stored = 0;
    const filled = (async () => {
      for (; stored < 1_000; stored += 1) await insert(stored);
    })();
    await expect(filled).rejects.toMatchObject({ code: 'unavailable' });
    expect(stored).toBeGreaterThan(1);
    await expect(insert(stored)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await activations.get('guest', idOf(0))).toBe(record);
    expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(stored);
    rmSync(filler);
    await insert(stored);
    expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(stored + 1);
    await stores.close();
  } finally {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  }
});
