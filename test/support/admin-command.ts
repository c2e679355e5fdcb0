// Runs `hearth admin …` as a user does: a process of its own, with little environment. Waits for its end, or lets it go on.
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './platform';

export interface AdminRun {
  readonly child: ChildProcess;
  readonly printed: () => { readonly out: string; readonly said: string };
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly said: string }>;
}

export function startAdmin(words: readonly string[], env: Record<string, string> = {}): AdminRun {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'bin/hearth.mjs'), 'admin', ...words], {
    cwd: tmpdir(),
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', said: '' };
  child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed.said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, printed: () => printed, ended: ended.then((code) => ({ code, ...printed })) };
}

export const runAdminCommand = (words: readonly string[], env?: Record<string, string>): AdminRun['ended'] =>
  startAdmin(words, env).ended;
