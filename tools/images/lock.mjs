// One process at a time on a layout: several test suites ask for images at once. A lock of a process that has ended is void.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const lookAgainMs = 100;

export async function locked(directory, act) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'lock');
  while (!take(path)) await sleep(lookAgainMs);
  try {
    return await act();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const pid = Number(readText(path));
  // Empty for the moment between its making and its writing.
  if (pid > 0 && !isAlive(pid)) rmSync(path, { force: true });
  return false;
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
