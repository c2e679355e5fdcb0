// One container's process: started in a session and process group of its own, with a minimal environment, and signalled as a group.
//
// It dies with the agent, also while it is stopped, by a parent-death signal where there is one; and by the end of its standard input.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { identify, type ProcessIdentity } from '#lifecycle';
import { createLogFiles } from './log-files';
import { signal } from './strays';

export interface ProcessStart {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly logDirectory: string;
}

export class ContainerProcess {
  /** Resolves with the reason once the process has ended. */
  readonly exited: Promise<string>;
  private hasExited = false;

  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, name) => {
        this.hasExited = true;
        // What it started and left behind; the group's number is not given to others while one of them lives.
        signal(-pid, 'SIGKILL');
        resolve(name === null ? `exited with code ${code}` : `killed by ${name}`);
      });
    });
  }

  /** Resolves once the program runs; rejects if it cannot be executed. */
  static async start({ command, env, workingDirectory, logDirectory }: ProcessStart): Promise<ContainerProcess> {
    const [program, ...args] = command;
    if (program === undefined) throw new Error('container process: no program was given');
    const { stdout, stderr } = createLogFiles(logDirectory);
    try {
      const child = spawn(program, args, {
        cwd: workingDirectory,
        env,
        detached: true,
        stdio: ['pipe', stdout, stderr],
      });
      // Its end shows as the process's exit.
      child.stdin?.on('error', () => undefined);
      const { pid } = child;
      if (pid !== undefined) return new ContainerProcess(child, pid);
      return await new Promise<never>((_, reject) => child.once('error', reject));
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  identity(): ProcessIdentity {
    return identify(this.pid) ?? { pid: this.pid, startTicks: '' };
  }

  stop(): void {
    this.signalGroup('SIGSTOP');
  }

  continue(): void {
    this.signalGroup('SIGCONT');
  }

  /** Resolves once the process has ended; stopped ones end as well. */
  async kill(): Promise<void> {
    if (!this.hasExited) signal(-this.pid, 'SIGKILL');
    await this.exited;
    this.child.stdin?.destroy();
  }

  private signalGroup(name: NodeJS.Signals): void {
    if (this.hasExited || !signal(-this.pid, name))
      throw new Error(`process ${this.pid}: cannot take ${name}, it has ended`);
  }
}
