// Starts runc so that the end of a container, and its exit code, can be told.
//
// A container's first process is no child of whoever called runc, and runc in the foreground would copy the output through pipes, which then comes late
// and is lost with runc. So a keeper stands between: a process that the kernel gives orphans to (a child subreaper), that starts runc, waits
// for the container, and ends with its exit code. It is a few lines of Perl, which every Debian has; without Perl the end is told, but no exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { identify, type ProcessIdentity } from '#lifecycle';
import { run, searchPath } from '../host/command';

/** prctl(2) by architecture, since Perl knows no name for it. */
const prctl: Readonly<Record<string, number>> = { x64: 157, arm64: 167 };

export const keeperProgram = 'perl';

const script = `
  syscall(shift @ARGV, 36, 1, 0, 0, 0);
  my $runc = fork() // exit 126;
  if ($runc == 0) { exec { $ARGV[0] } @ARGV; exit 127 }
  waitpid $runc, 0;
  my $failed = $?;
  my $last = 0;
  while (wait() > 0) { $last = $? }
  exit(($failed >> 8) || 1) if $failed;
  exit($last & 127 ? 128 + ($last & 127) : $last >> 8);
`;

/** What to put before a command; nothing where it cannot be done. */
export async function keeperPrefix(timeoutMs: number): Promise<readonly string[]> {
  const number = prctl[process.arch];
  if (number === undefined) return [];
  const hasPerl = await run(keeperProgram, ['-e', '1'], { timeoutMs }).then(
    () => true,
    () => false,
  );
  return hasPerl ? [keeperProgram, '-e', script, String(number)] : [];
}

export interface KeptStart {
  readonly prefix: readonly string[];
  readonly command: readonly string[];
  readonly stdout: number;
  readonly stderr: number;
}

export class Keeper {
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  hasExited = false;

  private constructor(
    child: ChildProcess,
    readonly pid: number,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.hasExited = true;
        resolve(code ?? 1);
      });
    });
    child.unref();
  }

  /** Resolves once it runs. In a session of its own, so that it and the container outlive the agent. */
  static async start({ prefix, command, stdout, stderr }: KeptStart): Promise<Keeper> {
    const [program = '', ...args] = [...prefix, ...command];
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', stdout, stderr],
      env: { PATH: searchPath },
      cwd: '/',
    });
    const { pid } = child;
    if (pid !== undefined) return new Keeper(child, pid);
    return new Promise<never>((_, reject) => child.once('error', reject));
  }

  identity(): ProcessIdentity | undefined {
    return identify(this.pid);
  }
}
