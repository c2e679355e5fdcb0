// With real cgroups, as root; elsewhere these are skipped and the pure parts are tested beside their files.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '#lifecycle';
import { cgroupDirectories } from './cgroup-paths';
import { cgroupV2 } from './dialects';
import { findFreezer } from './find-freezer';
import { CgroupFreezer, type Freezer } from './freezer';

/** Where this machine mounts each version: asked for by a path that only the root could not have. */
const mounts = existsSync('/proc/self/mountinfo')
  ? cgroupDirectories('1:freezer:/x\n0::/x', readFileSync('/proc/self/mountinfo', 'utf8'))
  : {};

function isWritable(mount: string | undefined): mount is string {
  try {
    accessSync(`${mount}/cgroup.procs`, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const versions = (['v1', 'v2'] as const).flatMap((version) => {
  const mount = mounts[version]?.replace(/\/x$/, '');
  return isWritable(mount) ? [{ version, mount }] : [];
});

/** Counts up in its output, so that it can be seen to run. */
const counter = 'let n = 0; setInterval(() => process.stdout.write(`${++n}\\n`), 2)';

// A machine without cgroups that we may write has nothing to test here, but a suite must have a test.
const maybe = versions.length > 0 ? describe.each(versions) : describe.skip.each([{ version: 'none', mount: '' }]);

maybe('the freezer of cgroup $version', ({ version, mount }) => {
  const name = `hearth-freezer-test-${process.pid}`;
  const directory = `${mount}/${name}`;
  const started: ChildProcess[] = [];

  beforeEach(() => mkdirSync(directory));
  afterEach(async () => {
    const state = version === 'v1' ? ['freezer.state', 'THAWED'] : ['cgroup.freeze', '0'];
    writeFileSync(`${directory}/${state[0]!}`, state[1]!);
    for (const child of started.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // The kernel lets go of the cgroup a moment after the exit.
    for (let tries = 0; existsSync(directory); tries += 1) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if (tries > 1_000) throw error;
        await sleep(5);
      }
    }
  });

  /** The number that it last wrote, as it grows. */
  async function startIn(cgroup: string | undefined): Promise<{ pid: number; child: ChildProcess; count(): number }> {
    const child = spawn(process.execPath, ['-e', counter], { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    let count = 0;
    child.stdout.on('data', (data: Buffer) => {
      count = Number(data.toString().trim().split('\n').at(-1));
    });
    if (cgroup !== undefined) writeFileSync(`${cgroup}/cgroup.procs`, String(child.pid));
    while (count === 0) await sleep(5);
    return { pid: child.pid!, child, count: () => count };
  }

  async function freezerOf(pid: number): Promise<Freezer> {
    const freezer = await findFreezer(pid);
    if (!freezer) throw new Error('no freezer was found');
    expect(freezer.name).toBe(`cgroup-${version}`);
    return freezer;
  }

  async function runsOn(counted: { count(): number }): Promise<boolean> {
    await sleep(20);
    const before = counted.count();
    for (let tries = 0; tries < 50; tries += 1) {
      await sleep(4);
      if (counted.count() > before) return true;
    }
    return false;
  }

  it('stops what runs, and has it go on', async () => {
    const counted = await startIn(directory);
    const freezer = await freezerOf(counted.pid);
    expect(await freezer.isFrozen()).toBe(false);
    await freezer.freeze();
    expect(await freezer.isFrozen()).toBe(true);
    expect(await runsOn(counted)).toBe(false);
    await freezer.thaw();
    expect(await freezer.isFrozen()).toBe(false);
    expect(await runsOn(counted)).toBe(true);
  });

  it('does each twice without harm', async () => {
    const counted = await startIn(directory);
    const freezer = await freezerOf(counted.pid);
    await freezer.thaw();
    for (let i = 0; i < 2; i += 1) await freezer.freeze();
    expect(await freezer.isFrozen()).toBe(true);
    for (let i = 0; i < 2; i += 1) await freezer.thaw();
    expect(await runsOn(counted)).toBe(true);
  });

  it('is found anew by the next agent, frozen as it was left', async () => {
    const counted = await startIn(directory);
    await (await freezerOf(counted.pid)).freeze();
    const found = await freezerOf(counted.pid);
    expect(await found.isFrozen()).toBe(true);
    await found.thaw();
    expect(await runsOn(counted)).toBe(true);
  });

  it('freezes a container of several processes that keep forking', async () => {
    const child = spawn(
      '/bin/sh',
      ['-c', 'echo $$ >"$0"/cgroup.procs; echo in; while :; do /bin/true; done', directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    started.push(child);
    await once(child.stdout, 'data');
    const freezer = await freezerOf(child.pid!);
    for (let i = 0; i < 20; i += 1) {
      await freezer.freeze();
      expect(await freezer.isFrozen()).toBe(true);
      await freezer.thaw();
    }
  });

  it('says that a dead process cannot be frozen, thawed or looked at', async () => {
    const { pid, child } = await startIn(directory);
    const freezer = await freezerOf(pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sentence = `process ${pid}: it has ended. Remove its container.`;
    await expect(freezer.freeze()).rejects.toThrow(`cannot freeze ${sentence}`);
    await expect(freezer.thaw()).rejects.toThrow(`cannot thaw ${sentence}`);
    await expect(freezer.isFrozen()).rejects.toThrow(`cannot look at ${sentence}`);
    await expect(findFreezer(pid)).rejects.toThrow(`cannot freeze ${sentence}`);
    rmdirSync(directory);
    await expect(freezer.freeze()).rejects.toThrow(`cannot freeze ${sentence}`);
    await expect(freezer.thaw()).rejects.toThrow(`cannot thaw ${sentence}`);
    mkdirSync(directory);
  });

  it('uses no cgroup that holds others, also below it, nor the root', async () => {
    const counted = await startIn(directory);
    const stranger = await startIn(directory);
    expect(await findFreezer(counted.pid)).toBeUndefined();
    mkdirSync(`${directory}/below`);
    writeFileSync(`${directory}/below/cgroup.procs`, String(stranger.pid));
    expect(await findFreezer(counted.pid)).toBeUndefined();
    writeFileSync(`${mount}/cgroup.procs`, String(stranger.pid));
    rmdirSync(`${directory}/below`);
    expect(await findFreezer(counted.pid)).toBeDefined();
    expect(await findFreezer(stranger.pid)).toBeUndefined();
  });
});

describe('a cgroup that does not freeze', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-freezer-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const written = (): string => readFileSync(join(directory, 'cgroup.freeze'), 'utf8');

  it('is thawed again after the bound, and the error says so', async () => {
    writeFileSync(join(directory, 'cgroup.freeze'), '0');
    writeFileSync(join(directory, 'cgroup.events'), 'populated 1\nfrozen 0\n');
    const freezer = new CgroupFreezer(identify(process.pid)!, directory, cgroupV2, 20);
    await expect(freezer.freeze()).rejects.toThrow('was not frozen within 20 ms, so it was thawed');
    expect(written()).toBe('0');
  });

  it('is not said to be thawed while one above it is frozen', async () => {
    writeFileSync(join(directory, 'cgroup.events'), 'populated 1\nfrozen 1\n');
    const freezer = new CgroupFreezer(identify(process.pid)!, directory, cgroupV2, 20);
    await freezer.freeze();
    expect(written()).toBe('1');
    await expect(freezer.thaw()).rejects.toThrow('was not thawed within 20 ms');
  });
});
