import type { Note } from '#protocol';
import { make, note, refused, remove, running, spec, value } from './ledger-under-test';

describe('reuse', () => {
  const old = note('1.1');
  const next = (changes: Partial<Note> = {}): Note => note('1.2', { actionKey: 'guest|guest/other|1', ...changes });
  const cases: [string, Partial<Note>, boolean, string][] = [
    ['another action of the namespace, wiped', {}, true, 'obeyed'],
    ['another revision of the action, wiped', { actionKey: 'guest|guest/hello|2' }, true, 'obeyed'],
    ['another action that is not wiped', {}, false, 'bad-request'],
    ['another revision that is not wiped', { actionKey: 'guest|guest/hello|2' }, false, 'bad-request'],
    ['another namespace', { actionKey: 'other|other/hello|1', namespace: 'other' }, true, 'bad-request'],
    [
      'the same code, invoked by another',
      { actionKey: 'other|guest/hello|1', namespace: 'other' },
      true,
      'bad-request',
    ],
    ['code of another, invoked by the same', { actionKey: 'guest|other/hello|1' }, true, 'bad-request'],
    ['a key and a namespace that differ', { namespace: 'other' }, true, 'bad-request'],
    ['what is no action key', { actionKey: 'guest/hello' }, true, 'bad-request'],
  ];
  it.each(cases)('%s', (_what, changes, wipe, expected) => {
    const ledger = make();
    running(ledger, 'c1', old);
    const answer = ledger.bind(1n, 'c1', { note: next(changes), wipe }, 0);
    expect(refused(answer)).toBe(expected);
    expect(ledger.get('c1')?.note).toEqual(old);
    if (expected === 'obeyed')
      expect(answer).toMatchObject({ value: 'wipe', effects: [{ note: { note: old, wiping: true } }] });
  });

  it('is for kinds that can be wiped', () => {
    const ledger = make();
    value(ledger.create(1n, { ...spec('c1', old), kind: 'blackbox', image: 'some/image' }, 0));
    ledger.created('c1', {});
    expect(refused(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0))).toBe('bad-request');
  });

  it('names the next owner once it is wiped, and no sooner; meanwhile the former one can do nothing', () => {
    const ledger = make();
    running(ledger, 'c1', old);
    ledger.suspended('c1');
    value(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0));
    expect(value(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0))).toBe('join');
    expect(refused(ledger.bind(1n, 'c1', { note: next({ grantId: '1.3' }), wipe: true }, 0))).toBe('driver-failed');
    expect(refused(ledger.suspendOrResume('c1', 'resume', { grantId: '1.1', sequence: 9 }, 0))).toBe('stale-grant');
    expect(ledger.wiped('c1', { container: 'a2' })).toMatchObject([{ store: 'note', note: { note: next() } }]);
    expect(ledger.get('c1')).toMatchObject({ state: 'running', note: next(), addresses: { container: 'a2' } });
    expect(value(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0))).toBe('bound');
  });

  it('that fails leaves a container that has ended, and that its former grant removes', () => {
    const ledger = make();
    running(ledger, 'c1', old);
    value(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0));
    ledger.wipeFailed('c1', 'no room');
    expect(ledger.exitedContainers()).toEqual([{ id: 'c1', grantId: '1.1', reason: 'no room' }]);
    expect(remove(ledger, 'c1', 'drained', '1.1')).toBe('obeyed');
  });

  it('does not bring back what is being removed', () => {
    const ledger = make();
    running(ledger, 'c1', old);
    value(ledger.bind(1n, 'c1', { note: next(), wipe: true }, 0));
    value(ledger.remove(1n, 'c1', { reason: 'drained', grantId: '1.1' }, 0));
    expect(ledger.wiped('c1', {})).toEqual([]);
    expect(ledger.get('c1')).toMatchObject({ state: 'removing', note: old });
  });
});
