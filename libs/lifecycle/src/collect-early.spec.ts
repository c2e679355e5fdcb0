import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { earlyFlag, earlyPercent } from './collect-early';

/**
 * An app that does little: makes 6 MB of what outlives two collections of the young generation and is garbage then, and waits for a collection of the old one.
 * Prints how many there were.
 */
const slowApp = (flag: string, waitMs: number): string => `
  const { PerformanceObserver, constants } = require('node:perf_hooks');
  if (${JSON.stringify(flag)} !== '') require('node:v8').setFlagsFromString(${JSON.stringify(flag)});
  let majors = 0;
  const count = (list) => {
    majors += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
  };
  // V8 begins nothing below 8 MB.
  const kept = Array.from({ length: 10 }, () => new Array(130_000).fill(1.5));
  global.gc();
  const ring = new Array(8000);
  let made = 0;
  let until = Infinity;
  // The collection above is told in a later turn.
  setImmediate(() => setTimeout(() => {
    new PerformanceObserver(count).observe({ entryTypes: ['gc'] });
    const turn = () => {
      if (made < 25000) for (let at = 0; at < 50; at += 1) ring[made++ % ring.length] = { list: new Array(20).fill(made) };
      else if (until === Infinity) until = Date.now() + ${waitMs};
      if (majors === 0 && Date.now() < until) setTimeout(turn, 1);
      else console.log(majors, kept.length > 0);
    };
    turn();
  }, 50));`;

const majorsOf = async (flag: string, waitMs: number): Promise<number> => {
  const args = ['--expose-gc', '--max-semi-space-size=1', '-e', slowApp(flag, waitMs)];
  return parseInt((await promisify(execFile)(process.execPath, args)).stdout, 10);
};

describe('collecting early', () => {
  it('has old garbage collected before V8 would be short of room', async () => {
    expect(await majorsOf('', 500)).toBe(0);
    for (const percent of Object.values(earlyPercent)) {
      expect(await majorsOf(earlyFlag(percent), 20_000)).toBeGreaterThan(0);
    }
  });
});
