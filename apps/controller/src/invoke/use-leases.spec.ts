// A controller's half of the use leases.
import { seededRandom } from '#clock';
import { type NodeUse, UseLeases } from './use-leases';

const limits = { useLeaseRenewMs: 5_000, useLeaseRenewalsPerSecond: 200, useLeaseFactor: 3 };

describe('use leases', () => {
  it('asks before the first use, and lives from the moment of asking, not of the answer', () => {
    const leases = new UseLeases(limits);
    const node = leases.own('n1', 'http://a', 1_000);
    expect(leases.lives(node, 1_000)).toBe(false);
    expect(leases.due(1_000)).toEqual([node]);
    expect(leases.due(1_001)).toEqual([]);
    leases.renewed(node, 4_000);
    expect(leases.lives(node, 15_999)).toBe(true);
    expect(leases.lives(node, 16_000)).toBe(false);
    expect(leases.lapsed(16_000)).toEqual([node]);
  });

  it('renews only nodes on which something is owned', () => {
    const leases = new UseLeases(limits);
    const node = leases.own('n1', 'http://a', 0);
    leases.own('n1', 'http://a', 0);
    leases.disown(node);
    expect(leases.due(0)).toHaveLength(1);
    leases.disown(node);
    leases.failed(node, 'other', 10);
    expect(leases.due(100_000)).toEqual([]);
  });

  it('does not count a refused connection as a lapse, since a restarted agent waits a whole lease', () => {
    const leases = new UseLeases(limits);
    const node = leases.own('n1', 'http://a', 0);
    leases.due(0);
    leases.renewed(node, 1);
    leases.due(5_000);
    leases.failed(node, 'refused', 5_001);
    expect(leases.lives(node, 19_999)).toBe(true);
    leases.due(19_000);
    leases.failed(node, 'refused', 19_001);
    expect(leases.lives(node, 33_999)).toBe(true);
    leases.due(30_000);
    leases.failed(node, 'other', 30_001);
    expect(leases.lives(node, 30_001)).toBe(false);
  });

  it('counts a refused connection for one lease only: this process may have been stopped while the agent came back', () => {
    const leases = new UseLeases(limits);
    const node = leases.own('n1', 'http://a', 0);
    leases.due(0);
    leases.renewed(node, 1);
    leases.due(5_000);
    leases.failed(node, 'refused', 5_001);
    expect(leases.lives(node, 20_000)).toBe(false);
    expect(leases.lapsed(20_000)).toEqual([node]);
  });

  it('spends at most 200 renewals a second', () => {
    const leases = new UseLeases(limits);
    for (let i = 0; i < 2_000; i++) leases.own(`n${i}`, 'http://a', 0);
    expect(leases.renewMs).toBe(10_000);
    expect(leases.leaseMs).toBe(30_000);
  });

  it('finds whose lease is due or over as if it looked at every node each time', () => {
    const random = seededRandom(3);
    const leases = new UseLeases(limits);
    const nodes = new Set<NodeUse>();
    const below = (count: number): number => Math.floor(random() * count);
    let now = 1;
    const seen = { due: 0, lapsed: 0 };
    for (let step = 0; step < 5_000; step += 1) {
      now += below(100);
      const all = [...nodes];
      const one = all[below(all.length)];
      const what = below(8);
      if (what < 2) {
        const own = leases.own(`n${below(30)}`, `http://a${below(20) === 0 ? 1 : 0}`, now);
        // At another address it is another.
        for (const node of all) if (node !== own && node.nodeId === own.nodeId) nodes.delete(node);
        nodes.add(own);
      } else if (!one) continue;
      else if (what === 2) {
        leases.disown(one);
        if (one.owned <= 0) nodes.delete(one);
      } else if (one.askedAt !== undefined && what < 6) leases.renewed(one, now);
      else if (one.askedAt !== undefined) leases.failed(one, what === 6 ? 'refused' : 'other', now);
      else if (below(50) === 0) leases.restart(one, now);
      const lapsed = [...nodes].filter((node) => node.leaseUntil > 0 && !leases.lives(node, now));
      expect(new Set(leases.lapsed(now))).toEqual(new Set(lapsed));
      seen.lapsed += lapsed.length;
      if (below(3) > 0) continue;
      const due = [...nodes].filter((node) => node.askedAt === undefined && node.renewAt <= now);
      expect(new Set(leases.due(now))).toEqual(new Set(due));
      seen.due += due.length;
    }
    expect(Math.min(seen.due, seen.lapsed)).toBeGreaterThan(100);
  });
});
