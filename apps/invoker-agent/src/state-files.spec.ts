import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neverBound, type StoredNote } from './ledger/stored-note';
import { StateFiles } from './state-files';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hearth-state-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const stored = (id: string): StoredNote => ({
  id,
  kind: 'nodejs:20',
  memoryMb: 256,
  concurrency: 1,
  address: '127.0.0.1:17000',
  note: neverBound,
});

it('begins with nothing, and counts its lives', () => {
  expect(StateFiles.open(directory).past).toEqual({
    epoch: 0n,
    longestLeaseMs: 0,
    incarnation: 1n,
    cordon: 'open',
    cordonNumber: 0,
  });
  expect(StateFiles.open(directory).past.incarnation).toBe(2n);
});

it('finds again what was stored', () => {
  const files = StateFiles.open(directory);
  const bound = {
    owner: 'controller0',
    incarnation: '7',
    actionKey: 'guest|guest/hello|1',
    namespace: 'guest',
    grantId: '3.1',
    epoch: '3',
    logLimitMb: 10,
  };
  files.store([
    { store: 'epoch', epoch: 9_007_199_254_740_993n },
    { store: 'longest-lease', leaseMs: 15_000 },
    { store: 'cordon', cordon: 'draining', number: 7 },
    { store: 'note', note: stored('c1') },
    { store: 'note', note: { ...stored('c2'), note: bound } },
    { store: 'note', note: stored('c3') },
    { store: 'no-note', id: 'c3' },
    { store: 'no-note', id: 'c4' },
  ]);
  const again = StateFiles.open(directory);
  expect(again.past).toEqual({
    epoch: 9_007_199_254_740_993n,
    longestLeaseMs: 15_000,
    incarnation: 2n,
    cordon: 'draining',
    cordonNumber: 7,
  });
  expect(again.readNotes().notes.sort((a, b) => a.id.localeCompare(b.id))).toEqual([
    stored('c1'),
    { ...stored('c2'), note: bound },
  ]);
});

it('does not take a broken, foreign or empty note for a never bound one', () => {
  const files = StateFiles.open(directory);
  files.store([{ store: 'note', note: stored('c1') }]);
  const path = (id: string) => join(directory, 'notes', `${id}.json`);
  const text = readFileSync(path('c1'), 'utf8');
  writeFileSync(path('c2'), text);
  writeFileSync(path('c3'), '');
  writeFileSync(path('c4'), text.replace(neverBound, 'bound'));
  writeFileSync(path('c5'), text.slice(0, 20));
  writeFileSync(`${path('c6')}.new`, text);
  const { notes, unreadable } = files.readNotes();
  expect(notes.map(({ id }) => id)).toEqual(['c1']);
  expect(unreadable.sort()).toEqual(['c2', 'c3', 'c4', 'c5']);
});

it('refuses a broken state file with a sentence', () => {
  StateFiles.open(directory);
  writeFileSync(join(directory, 'state.json'), '{"epoch":3}');
  expect(() => StateFiles.open(directory)).toThrow(/state\.json was read and is not what an agent writes/);
});

it('writes what the disk refused before it takes anything else', () => {
  const files = StateFiles.open(directory);
  const notes = join(directory, 'notes');
  rmSync(notes, { recursive: true });
  expect(() => files.store([{ store: 'note', note: stored('c1') }])).toThrow('ENOENT');
  expect(() => files.flush()).toThrow('ENOENT');
  mkdirSync(notes);
  files.store([{ store: 'epoch', epoch: 4n }]);
  expect(existsSync(join(notes, 'c1.json'))).toBe(true);
  expect(files.past.epoch).toBe(4n);
});
