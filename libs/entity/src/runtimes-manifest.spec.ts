import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFile } from './manifest-under-test';
import { readRuntimesManifest } from './runtimes-manifest';

describe('the runtimes manifest', () => {
  const manifest = readRuntimesManifest(manifestFile);

  it('finds kinds by name and by the default of their family', () => {
    expect(manifest.kinds).toEqual(['nodejs:18', 'nodejs:20', 'nodejs:6', 'java:8']);
    expect(manifest.runtime('nodejs:default')?.kind).toBe('nodejs:20');
    expect(manifest.runtime('java:default')?.kind).toBe('java:8');
    expect(manifest.runtime('nodejs')).toBeUndefined();
    expect(manifest.runtime('cobol:default')).toBeUndefined();
  });

  it('reads stem cells under both names', () => {
    expect(manifest.stemCells).toEqual([
      { kind: 'nodejs:20', count: 2, memoryMb: 256 },
      { kind: 'java:8', count: 1, memoryMb: 512 },
    ]);
  });

  it('shows families as the info document does', () => {
    expect(manifest.info().java).toEqual([
      { kind: 'java:8', image: 'hearth/action:1', deprecated: false, default: true, attached: true, requireMain: true },
    ]);
  });

  it('can be restricted, down to the defaults', () => {
    const restricted = readRuntimesManifest(manifestFile, ['nodejs:18']);
    expect(restricted.kinds).toEqual(['nodejs:18']);
    expect(restricted.runtime('nodejs:default')?.kind).toBe('nodejs:18');
    expect(restricted.stemCells).toEqual([]);
  });

  it.each([
    ['no runtimes', {}, undefined],
    ['a kind without version', { runtimes: { a: [{ kind: 'a', image: { name: 'x' } }] } }, undefined],
    [
      'memory without unit',
      { runtimes: { a: [{ kind: 'a:1', image: { name: 'x' }, stemCells: [{ initialCount: 1, memory: '256' }] }] } },
      undefined,
    ],
    [
      'stem cells without count',
      { runtimes: { a: [{ kind: 'a:1', image: { name: 'x' }, stemCells: [{ memory: '256 MB' }] }] } },
      undefined,
    ],
    [
      'two kinds and no default',
      { runtimes: { a: ['a:1', 'a:2'].map((kind) => ({ kind, image: { name: 'x' } })) } },
      undefined,
    ],
    ['a restriction to what is not there', manifestFile, ['nodejs:20', 'perl:5']],
  ])('refuses %s in one sentence', (_, file, only) => {
    expect(() => readRuntimesManifest(file, only)).toThrow(/^runtimes manifest: [^\n]*\.$/);
  });

  it('of this checkout offers nodejs and python, with stem cells for the first', () => {
    const file = join(__dirname, '../../../docker/runtimes.json');
    const own = readRuntimesManifest(JSON.parse(readFileSync(file, 'utf8')));
    expect(own.runtime('nodejs:default')?.kind).toBe('nodejs:20');
    expect(own.runtime('python:default')?.kind).toBe('python:3');
    expect(own.stemCells).toEqual([{ kind: 'nodejs:20', count: 2, memoryMb: 256 }]);
  });
});
