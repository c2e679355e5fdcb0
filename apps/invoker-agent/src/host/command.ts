// Programs of the system that drivers call: ip, iptables, nft, mount, tar. Each call ends within its time, and a failure says what was tried and what
// the program answered. They get a PATH and nothing else of the agent's environment, which holds its secrets.
import { execFile } from 'node:child_process';

const outputBytesMax = 4_194_304;
const shownBytesMax = 500;

export interface CommandOptions {
  /** Given to the program on its standard input. */
  readonly input?: string;
  readonly cwd?: string;
  readonly timeoutMs: number;
}

export class CommandFailed extends Error {
  constructor(
    readonly commandLine: string,
    /** What it wrote to its standard error. */
    readonly answer: string,
    readonly isMissing: boolean,
  ) {
    super(`${commandLine}: ${answer}`);
    this.name = 'CommandFailed';
  }
}

/** Resolves with its standard output. Rejects with CommandFailed. */
export function run(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { input, cwd, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        cwd,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: outputBytesMax,
        env: { PATH: searchPath, LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const isMissing = error.code === 'ENOENT';
        const answer = isMissing
          ? 'it is not installed'
          : error.killed === true
            ? `no answer within ${timeoutMs} ms`
            : stderr.trim().slice(-shownBytesMax) || `it ended with ${error.signal ?? `code ${error.code}`}`;
        reject(new CommandFailed([program, ...args].join(' '), answer, isMissing));
      },
    );
    // A program that ends before it has read all shows in its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** Where they are, also for an agent whose own PATH has no sbin. */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
