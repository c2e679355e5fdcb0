import { defaultLimits, limitTable, limitVariable, readLimits } from './index';

describe('limits', () => {
  it('have units and defaults that agree with each other', () => {
    expect(readLimits({})).toEqual({ limits: defaultLimits, complaints: [] });
    const units = /(Ms|Count|Bytes|Mb|PerMinute|PerSecond|Factor)$/;
    expect(Object.keys(limitTable).filter((name) => !units.test(name))).toEqual([]);
  });

  it('are read from variables; each bad one is a sentence of its own', () => {
    const { limits, complaints } = readLimits({
      LIMIT_SUSPEND_GRACE_MS: '5',
      LIMIT_BLOCKING_WAIT_MS: '',
      LIMIT_URI_BYTES: '0',
      LIMIT_CODE_BYTES: '1.5',
      LIMIT_NOTHING: '1',
    });
    expect(limits).toEqual({ ...defaultLimits, suspendGraceMs: 5 });
    expect(complaints).toEqual([
      'LIMIT_URI_BYTES is "0"; set an integer of at least 1, or unset it (8192).',
      'LIMIT_CODE_BYTES is "1.5"; set an integer of at least 1, or unset it (50331648).',
      'LIMIT_NOTHING is no limit of Hearth; unset it.',
    ]);
  });

  it('renew the lease three times in its length when only the length is set', () => {
    const { limits, complaints } = readLimits({ LIMIT_LEADER_LEASE_MS: '1000' });
    expect([limits.leaderRenewMs, limits.leaderTryMs, complaints]).toEqual([333, 100, []]);
    expect(readLimits({ LIMIT_LEADER_LEASE_MS: '150' }).limits).toMatchObject({ leaderRenewMs: 50, leaderTryMs: 50 });
    expect(readLimits({ LIMIT_LEADER_RENEW_MS: '500' }).limits.leaderRenewMs).toBe(500);
  });

  it.each([
    [{ leaderRenewMs: 600, leaderLeaseMs: 1_000 }, /^LIMIT_LEADER_RENEW_MS must be at most half of LIMIT_LEADER_LEASE/],
    [{ leaderTryMs: 1_001, leaderRenewMs: 1_000 }, /^LIMIT_LEADER_TRY_MS must be at most LIMIT_LEADER_RENEW_MS/],
    [{ heartbeatMs: 2_000 }, /^LIMIT_NODE_SUSPECTED_MS must be at least two heartbeats/],
    [{ nodeGoneMs: 3_000 }, /^LIMIT_NODE_SUSPECTED_MS must be at least two heartbeats, and LIMIT_NODE_GONE_MS longer/],
    [{ useLeaseFactor: 1 }, /^LIMIT_USE_LEASE_FACTOR must be at least 2/],
    [{ reclaimDeadlineMs: 2_000 }, /^LIMIT_RECLAIM_DEADLINE_MS must be shorter than LIMIT_RECLAIM_HOLD_MS/],
    [{ bindTimeoutMs: 30_000 }, /^LIMIT_BIND_TIMEOUT_MS must be shorter than LIMIT_CREATE_TIMEOUT_MS/],
    [
      { claimLeaseMs: 600_000 },
      /^LIMIT_CLAIM_POLL_MS must be shorter than LIMIT_CLAIM_LEASE_MS, and that shorter than/,
    ],
    [{ claimPollMs: 30_000 }, /^LIMIT_CLAIM_POLL_MS must be shorter than LIMIT_CLAIM_LEASE_MS/],
    [{ cacheStaleMs: 60_001 }, /^LIMIT_CACHE_STALE_MS must be at most LIMIT_CACHE_MS/],
    [{ restartBackoffMs: 30_001 }, /^LIMIT_RESTART_BACKOFF_MS must be at most LIMIT_RESTART_BACKOFF_MOST_MS/],
    [{ storeRestartMs: 5_001 }, /LIMIT_STORE_RESTART_MS at most LIMIT_STORE_RESTART_MOST_MS/],
    [{ retryFirstMs: 20_000 }, /^LIMIT_RETRY_FIRST_MS must be at most LIMIT_RETRY_MOST_MS/],
  ])('contradict each other: %j', (changes, sentence) => {
    const env = Object.fromEntries(
      Object.entries(changes).map(([name, value]) => [limitVariable(name as keyof typeof limitTable), String(value)]),
    );
    const { complaints } = readLimits(env);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(sentence);
  });
});
