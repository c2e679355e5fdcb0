import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LeaderLock } from './leader-lock';
import { describeLeaderLock } from './leader-lock.conformance';
import { LocalLeaderLock } from './local-leader-lock';

describeLeaderLock('local, in one process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-lease-'));
  return Promise.resolve({
    candidate: () => new LocalLeaderLock(folder),
    kill: (lock: LeaderLock) => lock.release(),
    end: async () => rmSync(folder, { recursive: true }),
  });
});

/** Another process that opens the lock as the real one does, says so, and waits to be killed. */
const holderProgram = `
  const Database = require('libsql');
  const database = new Database(process.argv[1]);
  database.exec('BEGIN EXCLUSIVE');
  console.log('held');
  setInterval(() => undefined, 1000);
`;

describe('local leader lock between processes', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearth-lease-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function holder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['-e', holderProgram, join(folder, 'leader.lock')], {
      cwd: join(__dirname, '../../..'),
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  it('is refused while the other process lives, even stopped, and free as soon as it is killed', async () => {
    const child = await holder();
    const lock = new LocalLeaderLock(folder);
    expect(await lock.acquire(0n)).toBeUndefined();
    child.kill('SIGSTOP');
    expect(await lock.acquire(0n)).toBeUndefined();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(await lock.acquire(0n)).toBe(1n);
    await lock.release();
  });

  it('keeps the epoch in a file that says nothing else, and refuses one that is no number', async () => {
    const lock = new LocalLeaderLock(folder);
    await lock.acquire(0n);
    await lock.release();
    expect(readFileSync(join(folder, 'epoch'), 'utf8')).toBe('1\n');
    writeFileSync(join(folder, 'epoch'), 'gibberish');
    await expect(lock.acquire(0n)).rejects.toThrow(/epoch counter .* holds "gibberish"/);
    writeFileSync(join(folder, 'epoch'), '41\n');
    expect(await lock.acquire(0n)).toBe(42n);
    await lock.release();
  });
});
