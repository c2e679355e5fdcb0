// Keeps the heap of this process in one place.
//
// Why: V8 on 64-bit Linux asks for each 256 KB of its heap at a random address within 64 TB. Each piece then needs two pages of page tables for itself, so that a
// heap of some GB has tens of megabytes of them, and whoever looks up an address that the processor has not at hand waits for four of them from memory instead
// of one. An address that is taken makes the kernel answer with the next free one instead: pieces beside each other, which share their page tables.
//
// Guarantees: what is reserved is addresses only, never memory (some 12 MB of bookkeeping, 0.1 s); nothing is reserved where it would not help or may harm: on
// another system, under a limit of the address space, or a second time. What the heap had before stays where it is, so call it first.
import { readFileSync } from 'node:fs';

/** What V8 lets one buffer have. */
const pieceBytes = 2 ** 32;

const tb = 2 ** 40;

/** The half of the 48-bit address space that a process has is 128 TB; the last one stays free, for the heap and for all else. */
const reservedTb = 127;

/** Not yet among the types of ES2023. Of such a buffer there are addresses for all that it may become, and memory for what it is. */
const GrowingBuffer = ArrayBuffer as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;

const reserved: ArrayBuffer[] = [];

/** Answers how many TB of addresses this process has reserved. */
export function keepHeapTogether(): number {
  if (reserved.length === 0 && isWorthwhile()) reserve();
  return (reserved.length * pieceBytes) / tb;
}

function isWorthwhile(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  return /^Max address space\s+unlimited/m.test(readFileSync('/proc/self/limits', 'utf8'));
}

function reserve(): void {
  try {
    while (reserved.length < (reservedTb * tb) / pieceBytes)
      reserved.push(new GrowingBuffer(0, { maxByteLength: pieceBytes }));
  } catch (error) {
    // No gap has room for another piece: what is reserved is all that can be.
    if (!(error instanceof RangeError)) throw error;
  }
}
