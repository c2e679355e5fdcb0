// The supervisor with stand-ins for the apps: small programs that say ready, refuse to start, or refuse to end.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity, type ReadyDetails } from '#lifecycle';
import { defaultLimits } from '#limits';
import type { Program } from './app-process';
import { StartFailure } from './start-failure';
import { type Shared, Supervisor } from './supervisor';

/** What every stand-in does unless told otherwise: is ready at once, notes its end, ends by SIGTERM or when its channel closes. */
const script = `
const { appendFileSync } = require('node:fs');
const { STAND_IN: name, DIARY: diary, FATAL: fatal, STUBBORN: stubborn, SILENT: silent, FINAL: final } = process.env;
const { TELLS: tells, LISTENS: listens } = process.env;
const note = (what) => appendFileSync(diary, name + ' ' + what + '\\n');
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {
  if (stubborn) return note('refused');
  setTimeout(() => { note('stopped'); process.exit(0); }, 30);
});
setInterval(() => undefined, 1000);
if (fatal) {
  process.send({ type: 'fatal', sentence: name + ': cannot start' }, () => process.exit(1));
} else if (!silent) {
  const ready = () => {
    note('ready');
    process.send({ type: 'ready', controllerId: name, incarnation: '7' });
  };
  process.on('message', (message) => {
    note(message.type);
    if (listens) ready();
  });
  if (!listens) ready();
  if (tells) process.send({ type: 'note', id: 1, note: 'written' });
  if (final) setTimeout(() => process.exit(78), 100);
}
`;

const limits = { ...defaultLimits, restartBackoffMs: 50, stopWaitMs: 300, startTimeoutMs: 5_000 };

describe('supervisor', () => {
  let directory: string;
  let diary: string;
  let said: string[];
  let reaped: [string, ReadyDetails | undefined][];
  let supervisor: Supervisor | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-supervisor-'));
    diary = join(directory, 'diary');
    writeFileSync(diary, '');
    writeFileSync(join(directory, 'stand-in.cjs'), script);
    said = [];
    reaped = [];
  });

  afterEach(async () => {
    supervisor?.kill();
    await supervisor?.stop();
    rmSync(directory, { recursive: true });
  });

  const program = (name: string, env: Record<string, string> = {}): Program => ({
    name,
    script: join(directory, 'stand-in.cjs'),
    env: { STAND_IN: name, DIARY: diary, ...env },
  });

  const supervise = (programs: Program[], own = limits, shared?: Shared): Supervisor => {
    supervisor = new Supervisor(
      programs,
      own,
      {
        say: (line) => said.push(line),
        onChange: () => undefined,
        onReaped: (dead, details) => {
          reaped.push([dead.name, details]);
          return Promise.resolve();
        },
      },
      shared,
    );
    return supervisor;
  };

  const diaryLines = (): string[] => readFileSync(diary, 'utf8').split('\n').filter(Boolean);

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('is ready when all are, and stops them one after the other in the given order', async () => {
    const hearth = supervise([program('controller'), program('scheduler'), program('agent')]);
    await hearth.start();
    const processes = Object.values(hearth.running());
    expect(processes).toHaveLength(3);
    expect(diaryLines().sort()).toEqual(['agent ready', 'controller ready', 'scheduler ready']);
    await hearth.stop();
    expect(diaryLines().slice(3)).toEqual(['controller stopped', 'scheduler stopped', 'agent stopped']);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(hearth.running()).toEqual({});
  });

  it('fails with the sentence of the app that cannot start, which has told it already, and leaves no process', async () => {
    const hearth = supervise([program('controller', { FATAL: '1' }), program('agent')]);
    const failure = await hearth.start().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure).toMatchObject({ message: 'controller: cannot start', isTold: true });
    const processes = Object.values(hearth.running());
    await hearth.stop();
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('fails when an app is not ready in time', async () => {
    const hearth = supervise([program('agent', { SILENT: '1' })], { ...limits, startTimeoutMs: 200 });
    await expect(hearth.start()).rejects.toThrow('agent: was not ready within 200 ms');
  });

  it('reports a death, cleans up for the dead, and starts it again with back-off', async () => {
    const hearth = supervise([program('controller'), program('agent')]);
    await hearth.start();
    const first = hearth.running().controller as ProcessIdentity;
    process.kill(first.pid, 'SIGKILL');
    await until(() => hearth.running().controller !== undefined && hearth.isReady && said.length === 2);
    expect(said[0]).toBe('controller: died (SIGKILL); starting it again in 0.05 s');
    expect(said[1]).toMatch(/^controller: ready again \(after \d+\.\d s\)$/);
    expect(reaped).toEqual([['controller', { controllerId: 'controller', incarnation: '7' }]]);
    const second = hearth.running().controller as ProcessIdentity;
    expect(second.pid).not.toBe(first.pid);
    process.kill(second.pid, 'SIGKILL');
    await until(() => said.length === 4);
    expect(said[2]).toBe('controller: died (SIGKILL); starting it again in 0.1 s');
    expect(isAlive(hearth.running().agent as ProcessIdentity)).toBe(true);
  });

  it('goes on trying when a restart fails, and can be stopped while it waits', async () => {
    const fatal = program('agent') as { env: Record<string, string> } & Program;
    const hearth = supervise([fatal]);
    await hearth.start();
    fatal.env.FATAL = '1';
    process.kill((hearth.running().agent as ProcessIdentity).pid, 'SIGKILL');
    await until(() => said.length === 3);
    expect(said).toEqual([
      'agent: died (SIGKILL); starting it again in 0.05 s',
      'agent: died (exit code 1); starting it again in 0.1 s',
      'agent: died (exit code 1); starting it again in 0.2 s',
    ]);
    await hearth.stop();
    expect(hearth.running()).toEqual({});
  });

  it('does not start again what says that its settings have to be changed, and keeps the others', async () => {
    const hearth = supervise([program('controller', { FINAL: '1' }), program('agent')]);
    await hearth.start();
    await until(() => said.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(said).toEqual(['controller: ended and is not started again (it says above what has to be changed)']);
    expect(reaped).toEqual([['controller', { controllerId: 'controller', incarnation: '7' }]]);
    expect(Object.keys(hearth.running())).toEqual(['agent']);
    await hearth.stop();
    expect(hearth.running()).toEqual({});
  });

  it('kills an app that does not stop in time, frozen or not', async () => {
    const hearth = supervise([program('controller', { STUBBORN: '1' }), program('agent')]);
    await hearth.start();
    const processes = Object.values(hearth.running());
    process.kill((hearth.running().agent as ProcessIdentity).pid, 'SIGSTOP');
    await hearth.stop();
    expect(diaryLines()).toContain('controller refused');
    expect(said).toEqual([
      'controller: killed (it did not stop within 300 ms)',
      'agent: killed (it did not stop within 300 ms)',
    ]);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('does not restart an app that dies while the others are being stopped', async () => {
    const hearth = supervise([program('controller', { STUBBORN: '1' }), program('agent')]);
    await hearth.start();
    const stopped = hearth.stop();
    process.kill((hearth.running().agent as ProcessIdentity).pid, 'SIGKILL');
    await stopped;
    expect(diaryLines().filter((line) => line === 'agent ready')).toHaveLength(1);
    expect(reaped).toEqual([]);
  });

  it('passes on to one that still starts what a sibling has written, and lets nobody wait for it', async () => {
    const programs = [program('one', { TELLS: '1' }), program('two', { LISTENS: '1' })];
    // The second says that it is ready once it has heard.
    await supervise(programs, limits, { listener: '127.0.0.1:0', names: ['one', 'two'] }).start();
    await until(() => diaryLines().includes('one told'));
    expect(diaryLines()).toEqual(expect.arrayContaining(['two note', 'two ready']));
  });
});
