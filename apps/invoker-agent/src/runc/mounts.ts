// What is mounted on this machine, by /proc/self/mountinfo, and how it is taken away.
import { readFileSync } from 'node:fs';
import { run } from '../host/command';

export interface Mount {
  readonly at: string;
  readonly type: string;
}

/** In the order in which they were mounted. */
export function mounts(mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const at = before?.split(' ')[4];
    const type = after?.split(' ')[0];
    return at === undefined || type === undefined ? [] : [{ at: unescape(at), type }];
  });
}

/** Mount points at or below a directory, the innermost first. */
export function mountsBelow(directory: string): string[] {
  return mounts()
    .map(({ at }) => at)
    .filter((at) => at === directory || at.startsWith(`${directory}/`))
    .reverse();
}

export async function unmountAllBelow(directory: string, timeoutMs: number): Promise<void> {
  // Lazily: whoever still looks into one, a backup say, does not keep us from going on.
  for (const at of mountsBelow(directory)) await run('umount', ['--lazy', at], { timeoutMs });
}

/** Blanks and backslashes are written in octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
