import { getHeapSpaceStatistics } from 'node:v8';
import { forgetStart } from './forget-start';

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size;

/** What modules do when they are loaded: much that lives for a while, and more that does not. */
function growYoung(leastBytes: number): void {
  let kept: object[] = [];
  for (let at = 0; youngBytes() < leastBytes && at < 100; at += 1) {
    kept = [...kept.slice(-200_000), ...Array.from({ length: 100_000 }, (_, id) => ({ id }))];
  }
}

describe('forgetting the start', () => {
  it('gives back the young generation that the start has grown, and returns at once', async () => {
    const grown = 8 * 2 ** 20;
    growYoung(grown);
    expect(youngBytes()).toBeGreaterThanOrEqual(grown);
    forgetStart();
    const until = Date.now() + 20_000;
    while (youngBytes() >= grown && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(youngBytes()).toBeLessThan(grown);
  });
});
