// Keeps the heap of this process in huge pages.
//
// Why: a simulated cluster of ten thousand nodes has some GB of heap, and what an event reads of it is anywhere. A processor remembers where some thousand
// pages are, which is 6 MB of 4 KB pages, and looks all others up; pages of 2 MB make it 3 GB. Where the kernel gives them only to those who ask (its
// setting "madvise"), a process has to ask for each range by itself, and V8 does not.
//
// Guarantees: nothing is changed but the size of pages, and where there is nobody to ask (another system, a library that is not installed), nothing at all;
// a kernel before 6.1 only does so for what is touched later.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** Answers 0, or -1 for what could not be done. */
type Madvise = (address: number, bytes: number, advice: number) => number;

/** From then on, for what is touched first. */
const huge = 14;
/** At once, for what is there. */
const collapse = 25;

const hugePageBytes = 2 ** 21;

/** How many times as much memory as at the last look is worth another: asking costs a copy of what is new, 1 to 3 ms for each 2 MB. */
const growth = 1.1;

/** Memory of nobody else and of no file, which may be written: of a line of the kernel's map, its begin and end. */
const ownMemory = /^([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ 00:00 0\s*$/;

export class HugePages {
  /** Resident memory when it was last looked at. */
  private seenBytes = 0;

  constructor(private readonly madvise: Madvise | undefined) {}

  static ofSystem(): HugePages {
    return new HugePages(systemsMadvise());
  }

  /** Asks for what came since the last time, if that is a tenth of all or more. Answers whether it asked. */
  tend(): boolean {
    const { madvise } = this;
    if (!madvise || process.memoryUsage.rss() < growth * this.seenBytes) return false;
    for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
      const [, begin, end] = ownMemory.exec(line) ?? [];
      if (begin === undefined) continue;
      const address = parseInt(begin, 16);
      const bytes = parseInt(end!, 16) - address;
      // A range of which some part cannot be had is refused after the others were; it stays as it was.
      if (bytes >= hugePageBytes && madvise(address, bytes, huge) === 0) madvise(address, bytes, collapse);
    }
    this.seenBytes = process.memoryUsage.rss();
    return true;
  }
}

/** How much of this process is in huge pages, by the kernel of Linux; 0 on others. */
export function inHugePagesBytes(): number {
  if (process.platform !== 'linux') return 0;
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^AnonHugePages:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1_024;
}

function systemsMadvise(): Madvise | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const koffi = createRequire(__filename)('koffi') as typeof Koffi;
    return koffi.load('libc.so.6').func('int madvise(uintptr_t address, size_t bytes, int advice)') as Madvise;
  } catch {
    // Not installed, or another library of C: a simulation goes on without.
    return undefined;
  }
}
