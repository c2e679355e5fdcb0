import { PlainRecord } from './plain-record';

describe('what a plain load counts', () => {
  it('counts each request once, from when it was due, in the window in which it was due', () => {
    const record = new PlainRecord(1_000, 100);
    record.add(1_000, 1_001, 1_010, 'ok', false);
    record.add(1_050, 1_050, 1_350, 'ok', true);
    record.add(1_250, 1_251.5, 1_252, 'refused', false);
    record.add(1_260, 1_260, 1_261, 'error', false, 'status 500');
    const found = record.result();
    expect(found).toMatchObject({
      requests: 4,
      ok: 2,
      refused: 1,
      errors: 1,
      marked: 1,
      firstError: 'status 500',
      elapsedMs: 350,
    });
    expect(found.perSecond).toBeCloseTo(2 / 0.35, 3);
    expect(found.refusalFromSending.maxMs).toBe(0.5);
    expect([found.latency.maxMs, found.refusal.maxMs, found.markedLatency.minMs]).toEqual([300, 2, 300]);
    // The second window has none and is there all the same.
    expect(
      found.windows.map(({ atMs, ok, refused, errors, answered }) => [atMs, ok, refused, errors, answered]),
    ).toEqual([
      [0, 2, 0, 0, 1],
      [100, 0, 0, 0, 0],
      [200, 0, 1, 1, 0],
      [300, 0, 0, 0, 1],
    ]);
  });

  it('of nothing is nothing', () => {
    expect(new PlainRecord(0, 1_000).result()).toMatchObject({ requests: 0, perSecond: 0, p99Ms: 0, windows: [] });
  });
});
