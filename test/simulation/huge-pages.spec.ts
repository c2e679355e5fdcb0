// How much of a process is in huge pages is counted by the kernel, in processes of their own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../support/platform';
import { HugePages } from './huge-pages';

interface Filled {
  readonly asked: boolean[];
  readonly hugeMb: number;
  readonly sum: number;
}

/** Has `count` objects in some 100 MB for each million, does that, and answers what is in huge pages then. */
function filled(count: number, then: string): Filled {
  const dist = (file: string): string => JSON.stringify(join(root, 'dist/test/simulation', file));
  const code = `
    const { HugePages, inHugePagesBytes } = require(${dist('huge-pages.js')});
    require(${dist('heap-place.js')}).keepHeapTogether();
    const kept = [];
    const fill = (count) => { for (let at = 0; at < count; at += 1) kept.push({ a: at, b: [at], c: null }); };
    fill(${count});
    const pages = HugePages.ofSystem();
    const asked = ${then};
    const sum = kept.reduce((sum, { a, b }) => sum + a + b[0], 0);
    console.log(JSON.stringify({ asked, hugeMb: inHugePagesBytes() / 1e6, sum }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })) as Filled;
}

/** The kernel has them, and gives them at once to those who ask (6.1). */
const [major = 0, minor = 0] = release().split('.').map(Number);
const hasThem = existsSync('/sys/kernel/mm/transparent_hugepage/enabled') && major * 100 + minor >= 601;

describe('the heap of a process', () => {
  it('is in huge pages once they were asked for, and nothing in it has changed', () => {
    const count = 2e6;
    const before = filled(count, '[]');
    const { asked, hugeMb, sum } = filled(count, '[pages.tend()]');
    expect(asked).toEqual([true]);
    expect(hugeMb - before.hugeMb > 100).toBe(hasThem);
    expect(sum).toBe(count * (count - 1));
  });

  it('is asked for again when it has grown, and not before', () => {
    expect(filled(2e6, '[pages.tend(), pages.tend(), (fill(1e6), pages.tend())]').asked).toEqual([true, false, true]);
  });
});

describe('a simulation', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'hearth-pages-')), 'few.yaml');
  beforeAll(() =>
    writeFileSync(
      file,
      'name: few\nscenarios: [{ name: few, requests: 5, arrivals: { constant: { perSecond: 5 } } }]\n',
    ),
  );
  afterAll(() => rmSync(dirname(file), { recursive: true }));

  /** MB in huge pages after it. */
  function simulated(nodes: number): number {
    const dist = (name: string): string => JSON.stringify(join(root, 'dist/test/simulation', name));
    const words = [file, '--nodes', String(nodes), '--out', join(dirname(file), String(nodes))];
    const code = `
      const { runSimulate } = require(${dist('simulate-command.js')});
      const { inHugePagesBytes } = require(${dist('huge-pages.js')});
      runSimulate(${JSON.stringify(words)}, { out: (text) => process.stderr.write(text) }).then((code) => {
        if (code !== 0) throw new Error(String(code));
        console.log(inHugePagesBytes() / 1e6);
      });`;
    return Number(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', stdio: 'pipe' }));
  }

  it('of a thousand nodes asks for them, and one of fewer does not', () => {
    const few = simulated(999);
    expect(simulated(1_000) - few > 20).toBe(hasThem);
  });
});

describe('what is asked for', () => {
  const asked = (refuses: boolean): { bytes: number; address: number; advice: number }[] => {
    const calls: { bytes: number; address: number; advice: number }[] = [];
    const pages = new HugePages((address, bytes, advice) => {
      calls.push({ address, bytes, advice });
      return refuses ? -1 : 0;
    });
    expect(pages.tend()).toBe(true);
    return calls;
  };

  it('is memory in whole pages, each range of 2 MB and more, from now on and at once', () => {
    const calls = asked(false);
    expect(calls.length).toBeGreaterThan(1);
    for (const { address, bytes } of calls)
      expect([address % 4_096, bytes % 4_096, bytes >= 2 ** 21]).toEqual([0, 0, true]);
    expect(calls.map(({ advice }) => advice)).toEqual(calls.map((_, at) => (at % 2 === 0 ? 14 : 25)));
  });

  it('is not asked for a second way where it was refused', () => {
    expect(new Set(asked(true).map(({ advice }) => advice))).toEqual(new Set([14]));
  });

  it('is nothing where there is nobody to ask', () => {
    expect(new HugePages(undefined).tend()).toBe(false);
  });
});
