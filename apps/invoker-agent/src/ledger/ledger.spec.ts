import type { Note } from '#protocol';
import { leaseMs, make, note, refused, remove, running, spec, value } from './ledger-under-test';
import { neverBound } from './stored-note';

describe('epoch', () => {
  it('refuses lower ones and tells the higher', () => {
    const ledger = make({ epoch: 5n });
    const answer = ledger.create(4n, spec('c1'), 0);
    expect(answer).toMatchObject({ refusal: { code: 'stale-epoch', epoch: 5n } });
    expect(ledger.get('c1')).toBeUndefined();
  });

  it('stores a higher one first, also when the command is refused for another reason', () => {
    const ledger = make({ epoch: 5n }, 100);
    const answer = ledger.create(6n, spec('c1'), 0);
    expect(refused(answer)).toBe('no-capacity');
    expect(answer.effects[0]).toEqual({ store: 'epoch', epoch: 6n });
    expect(ledger.create(6n, spec('c1'), 0).effects).toEqual([]);
  });

  it('fences every command of a scheduler', () => {
    const ledger = make({ epoch: 5n });
    expect(refused(ledger.bind(4n, 'c1', { note: note('9.1') }, 0))).toBe('stale-epoch');
    expect(refused(ledger.remove(4n, 'c1', { reason: 'unbound' }, 0))).toBe('stale-epoch');
    expect(refused(ledger.inventory(4n, 0))).toBe('stale-epoch');
    expect(refused(ledger.setCordon(4n, 'cordoned', 0))).toBe('stale-epoch');
    expect(refused(ledger.inventory(undefined, 0))).toBe('obeyed');
  });

  it('numbers what is said of the cordon, over its lives', () => {
    const ledger = make({ cordon: 'draining', cordonNumber: 6 });
    expect([ledger.cordon, ledger.cordonNumber]).toEqual(['draining', 6]);
    const order = ledger.setCordon(1n, 'open', 0);
    expect(value(order)).toBe(7);
    expect(order.effects).toContainEqual({ store: 'cordon', cordon: 'open', number: 7 });
    expect([ledger.cordon, ledger.cordonNumber]).toEqual(['open', 7]);
  });
});

describe('creation', () => {
  it('stores the note before the container is started, and says so when it was never bound', () => {
    const answer = make().create(1n, spec('c1'), 0);
    expect(answer.effects.map(({ store }) => store)).toEqual(['epoch', 'note']);
    expect(answer.effects[1]).toMatchObject({ note: { id: 'c1', address: 'a1', note: neverBound } });
    const granted = make().create(1n, spec('c1', note('1.1')), 0);
    expect(granted.effects[1]).toMatchObject({ note: { note: { grantId: '1.1' } } });
  });

  it('is idempotent by id: joins the one in progress, then answers with what is there', () => {
    const ledger = make();
    expect(value(ledger.create(1n, spec('c1'), 0))).toEqual({ step: 'start', address: 'a1' });
    expect(value(ledger.create(1n, spec('c1'), 0))).toEqual({ step: 'join' });
    ledger.created('c1', { container: 'a1' });
    expect(value(ledger.create(1n, spec('c1'), 0))).toEqual({ step: 'there', addresses: { container: 'a1' } });
    expect(ledger.memoryUsedMb).toBe(256);
  });

  it("takes no more memory than the node declares, and gives it back with the agent's word only", () => {
    const ledger = make({}, 600);
    running(ledger, 'c1');
    running(ledger, 'c2');
    expect(refused(ledger.create(1n, spec('c3'), 0))).toBe('no-capacity');
    value(ledger.remove(1n, 'c1', { reason: 'unbound' }, 0));
    expect(refused(ledger.create(1n, spec('c3'), 0))).toBe('no-capacity');
    ledger.removed('c1', 0);
    expect(refused(ledger.create(1n, spec('c3'), 0))).toBe('obeyed');
  });

  it('that failed leaves nothing, and may be tried again', () => {
    const ledger = make();
    value(ledger.create(1n, spec('c1', note('1.1')), 0));
    expect(ledger.creationFailed('c1', 0)).toEqual([{ store: 'no-note', id: 'c1' }]);
    expect(ledger.memoryUsedMb).toBe(0);
    expect(value(ledger.create(1n, spec('c1', note('1.1')), 0))).toMatchObject({ step: 'start' });
  });

  it('moves on when something else uses the address', () => {
    const ledger = make();
    value(ledger.create(1n, spec('c1'), 0));
    const moved = ledger.otherAddress('c1');
    expect(value(moved)).toBe('a2');
    expect(moved.effects).toMatchObject([{ store: 'note', note: { address: 'a2' } }]);
  });

  it('of a removed id is refused for twice the create time-out', () => {
    const ledger = make();
    expect(value(ledger.remove(1n, 'c1', { reason: 'unbound' }, 0))).toBe('gone');
    expect(refused(ledger.create(1n, spec('c1'), 59_999))).toBe('removed');
    expect(refused(ledger.create(1n, spec('c1'), 60_000))).toBe('obeyed');
  });

  it('of a container that was here and removed is refused as well', () => {
    const ledger = make();
    running(ledger, 'c1');
    expect(remove(ledger, 'c1', 'unbound')).toBe('obeyed');
    expect(refused(ledger.create(1n, spec('c1'), 1))).toBe('removed');
  });
});

describe('bind', () => {
  const cases: [string, string | undefined, Note, string][] = [
    ['binds what was never bound', undefined, note('1.1'), 'obeyed'],
    ['takes a newer grant', '1.1', note('1.2'), 'obeyed'],
    ['takes the same grant and note again', '1.1', note('1.1'), 'obeyed'],
    ['refuses the same grant for another owner', '1.1', note('1.1', { owner: 'controller1' }), 'stale-grant'],
    ['refuses an older grant', '2.1', note('1.9'), 'stale-grant'],
    ['compares numbers, not text', '9.9', note('10.1'), 'obeyed'],
  ];
  it.each(cases)('%s', (_what, noted, next, expected) => {
    const ledger = make();
    running(ledger, 'c1', noted === undefined ? undefined : note(noted));
    const answer = ledger.bind(1n, 'c1', { note: next }, 0);
    expect(refused(answer)).toBe(expected);
    if (expected === 'obeyed') {
      expect(answer.effects).toMatchObject([{ store: 'note', note: { note: next } }]);
      expect(ledger.get('c1')?.note).toEqual(next);
    } else {
      expect(ledger.get('c1')?.note?.grantId).toBe(noted);
    }
  });

  it('knows nothing of containers that are not here or have ended', () => {
    const ledger = make();
    running(ledger, 'c1');
    ledger.exited('c1', 'killed');
    expect(refused(ledger.bind(1n, 'c1', { note: note('1.1') }, 0))).toBe('unknown-container');
    expect(refused(ledger.bind(1n, 'c2', { note: note('1.1') }, 0))).toBe('unknown-container');
  });
});

describe('suspend and resume', () => {
  it('obey numbers that grow, the same command again, and start anew with each grant', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    const ask = (verb: 'suspend' | 'resume', sequence: number, grantId = '1.1') =>
      refused(ledger.suspendOrResume('c1', verb, { grantId, sequence }, 0));
    expect(ask('suspend', 2)).toBe('obeyed');
    ledger.suspended('c1');
    expect(ledger.get('c1')?.state).toBe('suspended');
    expect(ask('suspend', 2)).toBe('obeyed');
    expect(ask('resume', 2)).toBe('stale-sequence');
    expect(ask('resume', 1)).toBe('stale-sequence');
    expect(ask('resume', 3, '1.2')).toBe('stale-grant');
    expect(ask('resume', 3)).toBe('obeyed');
    ledger.resumed('c1');
    value(ledger.bind(1n, 'c1', { note: note('1.2') }, 0));
    expect(ask('suspend', 4)).toBe('stale-grant');
    expect(ask('suspend', 1, '1.2')).toBe('obeyed');
    value(ledger.bind(1n, 'c1', { note: note('1.2') }, 0));
    expect(ask('resume', 1, '1.2')).toBe('stale-sequence');
  });

  it('of what an agent finds at its start: no suspend for one use lease, since the numbers seen before are not known', () => {
    const ledger = make();
    const ask = (verb: 'suspend' | 'resume', sequence: number, now: number, grantId = '1.1') =>
      refused(ledger.suspendOrResume('c1', verb, { grantId, sequence }, now));
    ledger.adopt({ ...spec('c1'), address: 'a1', note: note('1.1') }, 'running', { container: 'a1' }, 100);
    // Its owner gave this one up long ago, resumed the container, and runs something in it.
    expect(ask('suspend', 1, 200)).toBe('stale-sequence');
    expect(ask('resume', 4, 200)).toBe('obeyed');
    // Late, too, and of another order.
    expect(ask('suspend', 5, 100 + leaseMs - 1)).toBe('stale-sequence');
    expect(ask('suspend', 5, 100 + leaseMs)).toBe('obeyed');
    ledger.adopt({ ...spec('c2'), address: 'a2', note: note('1.1') }, 'running', { container: 'a2' }, 100);
    value(ledger.bind(1n, 'c2', { note: note('1.2') }, 200));
    const next = ledger.suspendOrResume('c2', 'suspend', { grantId: '1.2', sequence: 1 }, 200);
    expect(refused(next)).toBe('obeyed');
  });

  it('are for bound containers that run here', () => {
    const ledger = make();
    running(ledger, 'c1');
    expect(refused(ledger.suspendOrResume('c1', 'suspend', { grantId: '1.1', sequence: 1 }, 0))).toBe('stale-grant');
    expect(refused(ledger.suspendOrResume('c2', 'suspend', { grantId: '1.1', sequence: 1 }, 0))).toBe(
      'unknown-container',
    );
    running(ledger, 'c3', note('1.1'));
    ledger.exited('c3', 'killed');
    expect(refused(ledger.suspendOrResume('c3', 'suspend', { grantId: '1.1', sequence: 1 }, 0))).toBe(
      'unknown-container',
    );
  });
});

describe('removal', () => {
  it('names the grant that it ends', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.2'));
    running(ledger, 'c2');
    expect(remove(ledger, 'c1', 'drained', '1.1')).toBe('stale-grant');
    expect(remove(ledger, 'c1', 'unbound')).toBe('stale-grant');
    expect(remove(ledger, 'c2', 'drained', '1.1')).toBe('stale-grant');
    expect(remove(ledger, 'c1', 'drained', '1.2')).toBe('obeyed');
    expect(remove(ledger, 'c2', 'unbound')).toBe('obeyed');
    expect(ledger.memoryUsedMb).toBe(0);
  });

  it('that comes again joins, and a creation meanwhile is told', () => {
    const ledger = make();
    value(ledger.create(1n, spec('c1'), 0));
    expect(value(ledger.remove(1n, 'c1', { reason: 'unbound' }, 0))).toBe('end');
    expect(value(ledger.remove(1n, 'c1', { reason: 'unbound' }, 0))).toBe('join');
    expect(refused(ledger.create(1n, spec('c1'), 0))).toBe('removed');
    expect(ledger.creationFailed('c1', 0)).toEqual([]);
    expect(ledger.removed('c1', 0)).toEqual([{ store: 'no-note', id: 'c1' }]);
    expect(value(ledger.remove(1n, 'c1', { reason: 'unbound' }, 0))).toBe('gone');
  });

  it('of an orphan waits for the lease of its incarnation', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    expect(remove(ledger, 'c1', 'orphan', '1.1', leaseMs - 1)).toBe('lease-lives');
    value(ledger.renew('controller0', 1n, leaseMs, 10_000));
    expect(remove(ledger, 'c1', 'orphan', '1.1', 10_000 + leaseMs - 1)).toBe('lease-lives');
    expect(ledger.lapsed(10_000 + leaseMs - 1)).toEqual([]);
    expect(ledger.lapsed(10_000 + leaseMs)).toEqual([{ controllerId: 'controller0', incarnation: 1n }]);
    expect(remove(ledger, 'c1', 'orphan', '1.1', 10_000 + leaseMs)).toBe('obeyed');
  });

  it('of a disowned one does not', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    expect(remove(ledger, 'c1', 'disowned', '1.1')).toBe('obeyed');
  });
});

describe('use leases', () => {
  it('answer the living containers of that incarnation', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    running(ledger, 'c2', note('1.2'));
    running(ledger, 'c3', note('1.3', { owner: 'controller1' }));
    ledger.suspended('c1');
    ledger.exited('c2', 'killed');
    expect(value(ledger.renew('controller0', 1n, leaseMs, 0))).toEqual({
      containers: [{ container: 'c1', grantId: '1.1', state: 'suspended' }],
    });
  });

  it('of a superseded incarnation are over, whoever speaks last', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    value(ledger.renew('controller0', 2n, leaseMs, 1));
    expect(refused(ledger.renew('controller0', 1n, leaseMs, 2))).toBe('superseded');
    expect(ledger.lapsed(2)).toEqual([{ controllerId: 'controller0', incarnation: 1n }]);
    expect(remove(ledger, 'c1', 'orphan', '1.1', 2)).toBe('obeyed');
  });

  it('end at once when the supervisor says so, and do not come back', () => {
    const ledger = make();
    running(ledger, 'c1', note('1.1'));
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    value(ledger.endLease('controller0', 1n, 1));
    expect(refused(ledger.renew('controller0', 1n, leaseMs, 2))).toBe('superseded');
    expect(remove(ledger, 'c1', 'orphan', '1.1', 2)).toBe('obeyed');
  });

  it('store the longest before the answer', () => {
    const ledger = make();
    expect(ledger.renew('controller0', 1n, 5_000, 0).effects).toEqual([{ store: 'longest-lease', leaseMs: 5_000 }]);
    expect(ledger.renew('controller0', 1n, 4_000, 0).effects).toEqual([]);
  });

  it('count as living for one longest lease after a restart', () => {
    const ledger = make({ longestLeaseMs: 40_000 });
    const stored = { ...spec('c1'), address: 'a1', note: note('1.1') };
    ledger.adopt(stored, 'running', { container: 'a1' }, 0);
    expect(remove(ledger, 'c1', 'orphan', '1.1', 39_999)).toBe('lease-lives');
    expect(remove(ledger, 'c1', 'orphan', '1.1', 40_000)).toBe('obeyed');
  });

  it('of a grant on its way are not lapsed', () => {
    const ledger = make();
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    running(ledger, 'c1', note('1.1'), 100_000);
    expect(ledger.lapsed(100_001)).toEqual([]);
    expect(ledger.lapsed(100_000 + leaseMs)).toHaveLength(1);
  });
});

describe('addresses', () => {
  it('hands out the longest unused first', () => {
    const ledger = make();
    expect([running(ledger, 'c1'), running(ledger, 'c2')]).toEqual(['a1', 'a2']);
    remove(ledger, 'c1', 'unbound');
    remove(ledger, 'c2', 'unbound');
    expect([running(ledger, 'c3'), running(ledger, 'c4')]).toEqual(['a3', 'a1']);
  });

  it.each(['drained', 'failed'] as const)("are free at once with the owner's word (%s)", (reason) => {
    const ledger = make();
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    running(ledger, 'c1', note('1.1'));
    remove(ledger, 'c1', reason, '1.1');
    expect(ledger.addressCounts()).toEqual({ free: 3, taken: 0, quarantined: 0 });
  });

  it('are in quarantine for two leases without it, and so is the note', () => {
    const ledger = make();
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    for (const id of ['c1', 'c2', 'c3']) {
      running(ledger, id, note('1.1'));
      remove(ledger, id, 'disowned', '1.1');
    }
    expect(refused(ledger.create(1n, spec('c4'), 2 * leaseMs - 1))).toBe('no-capacity');
    const answer = ledger.create(1n, spec('c4'), 2 * leaseMs);
    expect(value(answer)).toEqual({ step: 'start', address: 'a1' });
    expect(answer.effects.slice(0, 3)).toEqual(['c1', 'c2', 'c3'].map((id) => ({ store: 'no-note', id })));
  });

  it('of a container that ended by itself follow the same rule', () => {
    const ledger = make();
    value(ledger.renew('controller0', 1n, leaseMs, 0));
    for (const [id, reason] of [
      ['c1', 'failed'],
      ['c2', 'disowned'],
    ] as const) {
      running(ledger, id, note('1.1'));
      expect(ledger.exited(id, 'killed')).toBe(true);
      expect(ledger.exited(id, 'killed')).toBe(false);
      remove(ledger, id, reason, '1.1');
    }
    expect(ledger.addressCounts()).toEqual({ free: 2, taken: 0, quarantined: 1 });
  });

  it('of a former life that are none of ours any more are not handed out', () => {
    const ledger = make({ longestLeaseMs: leaseMs });
    ledger.lost('c0', 'a9', 0);
    expect(ledger.tick(2 * leaseMs)).toEqual([{ store: 'no-note', id: 'c0' }]);
    expect(ledger.addressCounts()).toEqual({ free: 3, taken: 0, quarantined: 0 });
  });

  it('are in quarantine anew after a restart', () => {
    const ledger = make({ longestLeaseMs: leaseMs });
    ledger.lost('c0', 'a1', 0);
    expect(running(ledger, 'c1')).toBe('a2');
    expect(running(ledger, 'c2')).toBe('a3');
    expect(refused(ledger.create(1n, spec('c3'), 2 * leaseMs - 1))).toBe('no-capacity');
    expect(value(ledger.create(1n, spec('c3'), 2 * leaseMs))).toEqual({ step: 'start', address: 'a1' });
  });
});

it('tells what ended by itself until it is removed', () => {
  const ledger = make();
  running(ledger, 'c1', note('1.1'));
  running(ledger, 'c2');
  ledger.exited('c1', 'killed by SIGKILL');
  ledger.exited('c2', 'exited with code 1');
  expect(ledger.exitedContainers()).toEqual([
    { id: 'c1', grantId: '1.1', reason: 'killed by SIGKILL' },
    { id: 'c2', grantId: undefined, reason: 'exited with code 1' },
  ]);
  remove(ledger, 'c1', 'failed', '1.1');
  expect(ledger.exitedContainers()).toHaveLength(1);
});
