// Disks that become full under load and get room again: PostgreSQL's, the journal's, and the one that holds everything. What was accepted is stored in the
// end, what cannot be is refused with OpenWhisk's sentence, and nothing has to be restarted but a PostgreSQL that ended by itself.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { PostgresServer } from '../support/postgres-server';
import type { Json } from '../support/raw-http';
import { SmallDisk } from '../support/small-disk';
import { until } from '../support/until';

jest.setTimeout(240_000);

const unavailable = {
  status: 503,
  json: { error: 'The server is currently unavailable (because it is overloaded or down for maintenance).' },
};
const code = 'function main({ n, length }) { return { n, text: "x".repeat(length ?? 0) } }';
const newAction = { exec: { kind: 'nodejs:20', code: `function main() {} // ${'x'.repeat(100_000)}` } };
const env = { LIMIT_STORE_CONNECT_MS: '1000', LIMIT_RECORD_BATCH_MS: '20' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function startWith(options: Parameters<typeof startPlatform>[0]): Promise<[Platform, Guest]> {
  const platform = await startPlatform({ kinds: 'nodejs:20', ...options, env: { ...env, ...options?.env } });
  ends.push(() => platform.stop());
  const guest = new Guest(platform);
  await guest.putAction('echo', code);
  expect(await guest.invoke('echo')).toMatchObject({ status: 200 });
  return [platform, guest];
}

/** Ids of what was accepted, until `isOver`; with results so large that a full disk is noticed. */
async function invokeUntil(guest: Guest, isOver: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  await until(
    'the full disk is noticed',
    async () => {
      const answer = await guest.invoke('echo', { n: ids.length, length: 20_000 });
      expect(answer.status).toBe(200);
      ids.push((answer.json as { activationId: string }).activationId);
      return isOver();
    },
    60_000,
  );
  return ids;
}

const status = async (guest: Guest): Promise<unknown> => (await guest.call('GET', '/health')).json.status;

const recordsOf = async (guest: Guest, ids: readonly string[]): Promise<void> => {
  for (const id of ids) expect(((await guest.record(id, 60_000)) as Json).activationId).toBe(id);
};

it('goes on while the disk of PostgreSQL is full, and stores what was accepted once there is room', async () => {
  const disk = SmallDisk.mount(160);
  ends.push(() => disk.end());
  const settings = ['min_wal_size = 32MB', 'max_wal_size = 32MB', 'autovacuum = off'];
  const postgres = await PostgresServer.start({ parent: disk.directory, settings });
  ends.push(() => postgres.end());
  const [platform, guest] = await startWith({ store: postgres });
  disk.fill();
  const ids = await invokeUntil(guest, () => platform.output.includes('records not stored'));
  // Small rows may still find room in pages that are there; large ones do not, and when the log cannot grow nothing does.
  const accepted: string[] = [];
  await until('a non-blocking invocation is refused', async () => {
    const answer = await guest.invoke('echo', { n: accepted.length, padding: noise() }, 'blocking=false');
    if (answer.status === 202) accepted.push((answer.json as { activationId: string }).activationId);
    else expect(answer).toMatchObject(unavailable);
    return answer.status === 503;
  });
  expect(await guest.call('PUT', 'actions/new', { exec: { kind: 'nodejs:20', code: noise() } })).toMatchObject(
    unavailable,
  );
  expect(await guest.invoke('echo', { n: -1 })).toMatchObject({ status: 200 });
  disk.free();
  if (!(await postgres.answers())) {
    await postgres.kill();
    await postgres.restart();
  }
  await recordsOf(guest, [...ids, ...accepted]);
  expect(await guest.call('PUT', 'actions/new', newAction)).toMatchObject({ status: 200 });
});

it('keeps records in memory while the disk of the journal is full, with few open files, and loses none', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hearth-journal-full-'));
  ends.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const journal = join(dataDir, 'journal');
  const disk = SmallDisk.mount(1, journal);
  ends.push(() => disk.end());
  const [platform, guest] = await startWith({ dataDir, store: 'sqlite' });
  disk.fill();
  const before = readdirSync(journal).length;
  const ids = await invokeUntil(guest, () => platform.output.includes('journal: cannot write'));
  for (let n = 0; n < 50; n += 1) ids.push(...(await invokeUntil(guest, () => true)));
  expect(await status(guest)).toBe('degraded');
  expect(readdirSync(journal).length).toBeLessThan(before + 5);
  await recordsOf(guest, ids);
  disk.free();
  await until('the journal is written again', async () => {
    ids.push(...(await invokeUntil(guest, () => true)));
    return (await status(guest)) === 'ok';
  });
  await recordsOf(guest, ids);
});

it('refuses when neither database nor journal nor memory has room, and loses nothing that was accepted', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hearth-all-full-'));
  ends.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const disk = SmallDisk.mount(48, dataDir);
  ends.push(() => disk.end());
  const memoryBytes = 2_000_000;
  const [, guest] = await startWith({
    dataDir,
    store: 'sqlite',
    env: { LIMIT_JOURNAL_MEMORY_BYTES: `${memoryBytes}` },
  });
  disk.fill();
  const ids: string[] = [];
  await until(
    'an invocation is refused',
    async () => {
      const answer = await guest.invoke('echo', { n: ids.length, length: 50_000 });
      if (answer.status === 200) ids.push((answer.json as { activationId: string }).activationId);
      else expect(answer).toMatchObject(unavailable);
      return answer.status === 503;
    },
    60_000,
  );
  expect(ids.length).toBeGreaterThan(memoryBytes / 60_000);
  expect(await guest.call('PUT', 'actions/new', newAction)).toMatchObject(unavailable);
  expect(await guest.call('GET', 'actions')).toMatchObject({ status: 200 });
  disk.free();
  await until('it invokes again', async () => (await guest.invoke('echo')).status === 200, 60_000);
  await recordsOf(guest, ids);
});

/** Text that PostgreSQL cannot compress into a page that has room. */
function noise(): string {
  return Array.from({ length: 5_000 }, () => Math.random().toString(36).slice(2)).join('');
}
