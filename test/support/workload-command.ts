// Runs `hearth workload …` as a user does: a process of its own, with little environment, in a directory of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResult, type WorkloadResult } from '#workload';
import { root } from './platform';

export interface WorkloadEnd {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

export class WorkloadDesk {
  readonly directory = mkdtempSync(join(tmpdir(), 'hearth-workload-'));

  /** Writes a workload file; answers its path. */
  file(text: string, name = 'test.yaml'): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  start(
    words: readonly string[],
    { shell, env = {} }: { shell?: string; env?: Record<string, string> } = {},
  ): { child: ChildProcess; ended: Promise<WorkloadEnd> } {
    const { PATH = '', HOME = '' } = process.env;
    const command = [process.execPath, join(root, 'bin/hearth.mjs'), 'workload', ...words];
    const spawned = shell === undefined ? command : ['/bin/sh', '-c', `${shell} exec "$0" "$@"`, ...command];
    const child = spawn(spawned[0]!, spawned.slice(1), {
      cwd: this.directory,
      env: { PATH, HOME, HEARTH_DATA_DIR: this.directory, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<WorkloadEnd>((done) => child.once('close', (code) => done({ code, out, said })));
    return { child, ended };
  }

  run(words: readonly string[], how?: Parameters<WorkloadDesk['start']>[1]): Promise<WorkloadEnd> {
    return this.start(words, how).ended;
  }

  /** What `--out DIRECTORY` was left with. */
  result(directory: string): WorkloadResult {
    return readResult(readFileSync(join(directory, 'result.json'), 'utf8'), 'result.json');
  }

  out(name: string): string {
    return join(this.directory, name);
  }

  clear(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
