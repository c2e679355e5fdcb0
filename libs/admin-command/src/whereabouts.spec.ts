import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandLine } from './command-line';
import { readCommandLine } from './command-line';
import { findWhereabouts } from './whereabouts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hearth-admin-where-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const line = (...words: string[]): CommandLine => readCommandLine(['status', ...words]) as CommandLine;

function dataDirectory(name: string, listeners: Record<string, string>): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, 'secrets.json'), JSON.stringify({ ADMIN_TOKEN: `token of ${name}` }));
  writeFileSync(join(path, 'running.json'), JSON.stringify({ listeners }));
  return path;
}

it('finds the data directory in the checkout, and every scheduler of a cluster in it', () => {
  dataDirectory('.hearth', { 'scheduler0.ADMIN_LISTEN': 'a:1', 'scheduler1.ADMIN_LISTEN': 'a:2', API_LISTEN: 'a:3' });
  expect(findWhereabouts(line(), {}, root)).toEqual({ addresses: ['a:1', 'a:2'], token: 'token of .hearth' });
});

it('prefers the command line to the environment, and that to the data directory', () => {
  const path = dataDirectory('other', { ADMIN_LISTEN: 'a:1' });
  const env = { HEARTH_DATA_DIR: path };
  expect(findWhereabouts(line(), env, root)).toEqual({ addresses: ['a:1'], token: 'token of other' });
  const set = { ...env, ADMIN_ADDRESS: 'b:1, b:2', ADMIN_TOKEN: 'token of the environment' };
  expect(findWhereabouts(line(), set, root)).toEqual({ addresses: ['b:1', 'b:2'], token: 'token of the environment' });
  expect(findWhereabouts(line('--address', 'c:1'), set, root).addresses).toEqual(['c:1']);
  expect(findWhereabouts(line('--data-dir', path), { HEARTH_DATA_DIR: '/nowhere' }, root).addresses).toEqual(['a:1']);
});

it('asks where a scheduler listens by default when nothing is known to run', () => {
  expect(findWhereabouts(line(), { ADMIN_TOKEN: 'x' }, root).addresses).toEqual(['127.0.0.1:3236']);
});

it('says where it looked for a token in vain', () => {
  expect(() => findWhereabouts(line(), {}, root)).toThrow(
    `there is no admin token: ADMIN_TOKEN is not set, and ${root}/.hearth has no secrets.json; set ADMIN_TOKEN, or name the data directory with --data-dir.`,
  );
});
