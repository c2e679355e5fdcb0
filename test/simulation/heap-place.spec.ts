// Where the heap is does matter: its page tables are counted by the kernel, in processes of their own.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support/platform';

/** Fills 200 MB of heap. Answers what was reserved, and by how many KB the page tables grew. */
function fill(preparation: string, ...prefix: string[]): { reserved: number; grownKb: number } {
  const code = `
    const { readFileSync } = require('node:fs');
    const { keepHeapTogether } = require(${JSON.stringify(join(root, 'dist/test/simulation/heap-place.js'))});
    const tablesKb = () => Number(/VmPTE:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    const reserved = ${preparation};
    const before = tablesKb();
    const kept = [];
    for (let at = 0; at < 2e6; at += 1) kept.push({ a: at, b: [at], c: null });
    console.log(JSON.stringify({ reserved, grownKb: tablesKb() - before, kept: kept.length }));`;
  const [command, ...words] = [...prefix, process.execPath, '-e', code];
  return JSON.parse(execFileSync(command!, words, { encoding: 'utf8' })) as { reserved: number; grownKb: number };
}

describe('the heap of a process on 64-bit Linux', () => {
  it('page tables are a third of what they are without, or less', () => {
    const apart = fill('0');
    const together = fill('keepHeapTogether()');
    expect([apart.reserved, together.reserved]).toEqual([0, 127]);
    expect(together.grownKb).toBeLessThan(apart.grownKb / 3);
  });

  it('a second time reserves nothing more', () => {
    expect(fill('[keepHeapTogether(), keepHeapTogether()]').reserved).toEqual([127, 127]);
  });

  it('a process whose address space has a limit is left alone', () => {
    expect(fill('keepHeapTogether()', 'prlimit', '--as=8000000000').reserved).toBe(0);
  });

  it('children, threads and WebAssembly have room beside it', () => {
    const { reserved } = fill(`(() => {
      const tb = keepHeapTogether();
      new WebAssembly.Memory({ initial: 1, maximum: 1 });
      require('node:child_process').execFileSync('true');
      new (require('node:worker_threads').Worker)('0', { eval: true });
      return tb;
    })()`);
    expect(reserved).toBe(127);
  });
});
