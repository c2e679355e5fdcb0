// What no other tool checks: every file opens by saying what it is, none grows past 400 lines, time and chance come from one place, pure
// files do not wait, and nothing names the place where it was written.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';

const { pureFiles } = createRequire(__filename)('../pure-files.cjs') as { pureFiles: string[] };

const linesMost = 400;

/** Every file that is or is about to be committed. */
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .toString()
  .split('\n')
  .filter((path) => path !== '' && path !== 'package-lock.json' && existsSync(path));
const text = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));

const isSource = (path: string): boolean => /\.(ts|js|mjs|cjs|py|proto)$/.test(path);
const isProduct = (path: string): boolean => /^(apps|libs)\//.test(path) && !/\.(spec|conformance)\.ts$/.test(path);

/** Paths of those files whose text matches. */
function matching(which: (path: string) => boolean, pattern: RegExp): string[] {
  return paths.filter((path) => which(path) && pattern.test(text.get(path) ?? ''));
}

/** Source without comments and strings, roughly: enough to tell a call from a word. */
const code = (path: string): string =>
  (text.get(path) ?? '').replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '');

const pureSources = paths.filter((path) => isProduct(path) && pureFiles.some((file) => new RegExp(file).test(path)));

describe('tidiness', () => {
  it('knows the tree', () => {
    expect(paths).toContain('libs/clock/src/index.ts');
    expect(paths.filter(isSource).length).toBeGreaterThan(50);
  });

  it('every source file opens with a comment that says what it is', () => {
    const unopened = paths.filter(
      (path) =>
        isSource(path) &&
        !/^(#!.*\n)?('use strict';\s*)?\s*(\/\/|\/\*|#|""")/.test(text.get(path) ?? '') &&
        !path.endsWith('.spec.ts'),
    );
    expect(unopened).toEqual([]);
  });

  it(`no source file is longer than ${linesMost} lines`, () => {
    const long = paths.filter((path) => isSource(path) && (text.get(path)?.split('\n').length ?? 0) - 1 > linesMost);
    expect(long).toEqual([]);
  });

  it("only libs/clock reads the system's clocks and chance", () => {
    const calls = /Date\.now\(|Math\.random\(|performance\.now\(|new Date\(\)|process\.hrtime/;
    const found = paths.filter(
      (path) => isProduct(path) && path !== 'libs/clock/src/index.ts' && calls.test(code(path)),
    );
    expect(found).toEqual([]);
  });

  it('pure files neither wait nor set timers', () => {
    const waits = /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Promise|async|await)\b/;
    expect(pureSources.filter((path) => waits.test(code(path)))).toEqual([]);
    expect(pureSources.length).toBeGreaterThan(40);
  });

  it('pure files leave nothing to chance', () => {
    const chance = /\brandom(Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/;
    expect(pureSources.filter((path) => chance.test(code(path)))).toEqual([]);
  });

  it('what calls itself pure is held to it', () => {
    const opening = (path: string): string => /^(\/\/.*\n)+/.exec(text.get(path) ?? '')?.[0] ?? '';
    const claims = paths.filter((path) => isProduct(path) && /\bPure[.;:,]|: pure /.test(opening(path)));
    expect(claims.length).toBeGreaterThan(20);
    expect(claims.filter((path) => !pureSources.includes(path))).toEqual([]);
  });

  it('no catch is empty', () => {
    expect(matching(isSource, /catch\s*(\([^)]*\))?\s*\{\s*\}/)).toEqual([]);
  });

  it('nothing names the place where it was written', () => {
    // Spelled so that this file does not match itself.
    const names = ['/wor[k]/', 'share[d]/(design|reference|golden|tools|hooks)', 'issue[s] show', 'before-sto[p]'];
    expect(matching(() => true, new RegExp(names.join('|')))).toEqual([]);
  });

  it('the lock file names no registry but the public one', () => {
    const hosts = [...readFileSync('package-lock.json', 'utf8').matchAll(/"resolved": "https?:\/\/([^/]+)/g)].map(
      ([, host]) => host,
    );
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });

  it('the lock file names the packages of every platform, or npm ci refuses it elsewhere', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});
