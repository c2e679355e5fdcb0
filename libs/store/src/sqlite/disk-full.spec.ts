// A SQLite file on a disk that becomes full, and gets room again: a file system of a few megabytes in memory.
import { join } from 'node:path';
import { SmallDisk } from '../../../../test/support/small-disk';
import { idOf, recordOf } from '../conformance/records';
import { openSqliteStores } from './open-sqlite-stores';

it('says unavailable while the disk is full, goes on reading, and writes again once there is room', async () => {
  const disk = SmallDisk.mount(6);
  try {
    const stores = await openSqliteStores({ path: join(disk.directory, 'hearth.db') });
    const { activations } = stores;
    const record = JSON.stringify({ text: 'x'.repeat(50_000) });
    const insert = (index: number) => activations.insert([recordOf(index, { record })]);
    await insert(0);
    await insert(1);
    disk.fill();
    let stored = 2;
    const filled = (async () => {
      for (; stored < 1_000; stored += 1) await insert(stored);
    })();
    await expect(filled).rejects.toMatchObject({ code: 'unavailable' });
    expect(stored).toBeGreaterThan(1);
    await expect(insert(stored)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await activations.get('guest', idOf(0))).toBe(record);
    expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(stored);
    disk.free();
    await insert(stored);
    expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(stored + 1);
    await stores.close();
  } finally {
    disk.end();
  }
});
