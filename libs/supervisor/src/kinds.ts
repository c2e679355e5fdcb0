// Which kinds this machine can run: nodejs:20 always, python:3 where a python3 answers.
import { execFile } from 'node:child_process';

const pythonAnswersMs = 5_000;

/** Path of the python3 on this PATH, asked of Python itself (what the PATH finds may be a wrapper); undefined if there is none. */
export function findPython(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const question = ['-c', 'import sys; print(sys.executable)'];
    execFile('python3', question, { env, timeout: pythonAnswersMs }, (error, stdout) => {
      // Any failure means the same: this machine does not offer Python.
      resolve(error === null && stdout.trim() !== '' ? stdout.trim() : undefined);
    });
  });
}

export function kindsOf(python: string | undefined): string {
  return python === undefined ? 'nodejs:20' : 'nodejs:20,python:3';
}
