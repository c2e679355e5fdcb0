// Makes a directory and what is missing above it, for its owner only.
//
// Not mkdirSync with `recursive`: where a file system refuses with ENOENT although the parent is there (/proc does), that never returns.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: 0o700 });
}
