// How our action runtimes are started on this machine: one launcher per family of kinds (`nodejs:20` is of the family nodejs).
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const answerMs = 10_000;
const defaultNodejs = 'nodejs:20';

export interface Launcher {
  /** Whether its runtime can be reached on a Unix socket too. */
  readonly offersSocket?: boolean;
  /** Whether it can start this kind of its family; all of them without it. */
  offers?(kind: string): boolean;
  /** Program and arguments. */
  command(memoryMb: number): readonly string[];
}

/**
 * Launchers by family. Python is asked once where it really is, since what the PATH finds may be a wrapper that costs a shell per start; where
 * there is none its family is missing.
 */
export async function findLaunchers(runtimesDirectory: string): Promise<Map<string, Launcher>> {
  const launchers = new Map<string, Launcher>();
  const node = join(runtimesDirectory, 'nodejs/server.js');
  launchers.set('nodejs', {
    command: (memoryMb) => [process.execPath, `--max-old-space-size=${memoryMb}`, node],
    offersSocket: true,
    // The default kind runs on whatever Node the agent has; another only on its own version.
    offers: (kind) => kind === defaultNodejs || kind === `nodejs:${process.versions.node.split('.', 1)[0]}`,
  });
  const python = await findPython();
  const server = join(runtimesDirectory, 'python/server.py');
  // It limits itself, by __HEARTH_MEMORY_MB. No bytecode files beside the runtime.
  if (python !== undefined) launchers.set('python', { command: () => [python, '-B', server] });
  return launchers;
}

async function findPython(): Promise<string | undefined> {
  const answer = await answerOf('python3', [
    '-c',
    'import sys; print(sys.executable if sys.version_info >= (3, 8) else "")',
  ]);
  return answer?.trim() || undefined;
}

/**
 * What to put before a command so that it dies with this process, also while it is stopped; nothing where the system cannot do that. There a
 * closed standard input ends containers that run, and the next start those that were suspended.
 */
export async function dieWithParent(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const prefix = ['setpriv', '--pdeathsig', 'KILL', '--'];
  return (await answerOf('setpriv', [...prefix.slice(1), 'true'])) === undefined ? [] : prefix;
}

/**
 * What to put before a command so that what wakes up in it, or in what it starts, takes the processor from nobody (SCHED_BATCH), least from the controller that has just
 * woken it and goes on to wake others; nothing where the system has no such thing. It gets its share as before, and a processor that is free at once.
 */
export async function yieldOnWaking(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const prefix = ['chrt', '-b', '0'];
  return (await answerOf('chrt', [...prefix.slice(1), 'true'])) === undefined ? [] : prefix;
}

/** Any failure means the same: this machine does not have it. */
async function answerOf(program: string, args: string[]): Promise<string | undefined> {
  return run(program, args, { timeout: answerMs }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
