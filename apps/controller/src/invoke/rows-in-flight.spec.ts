import { RowsInFlight } from './rows-in-flight';

function make() {
  const counts = { guest: 0 };
  const rows = new RowsInFlight({ force: () => (counts.guest += 1), release: () => (counts.guest -= 1) });
  /** As its accept does: charged first. */
  const accept = (id: string): void => {
    counts.guest += 1;
    rows.accepted(id, 'guest', 0);
  };
  return { rows, counts, accept };
}

describe('rows in flight', () => {
  it('count once from accept to end', () => {
    const { rows, counts, accept } = make();
    accept('a');
    rows.claimed('a', 'guest');
    expect(counts.guest).toBe(1);
    rows.over('a');
    rows.over('a');
    expect([counts.guest, rows.size]).toEqual([0, 0]);
  });

  it('count once, too, when the claim overtakes the answer of the accept', () => {
    const { rows, counts, accept } = make();
    rows.claimed('a', 'guest');
    accept('a');
    expect(counts.guest).toBe(1);
    rows.over('a');
    expect(counts.guest).toBe(0);
  });

  it('count here what was accepted elsewhere and claimed here', () => {
    const { rows, counts } = make();
    rows.claimed('b', 'guest');
    expect(counts.guest).toBe(1);
    rows.over('b');
    expect(counts.guest).toBe(0);
  });

  it('stop counting what turns out to be in other hands, but not what was claimed here meanwhile', () => {
    const { rows, counts, accept } = make();
    accept('a');
    accept('b');
    expect(rows.doubtful(99, 100)).toEqual([]);
    expect(rows.doubtful(100, 100)).toEqual(['a', 'b']);
    rows.claimed('b', 'guest');
    rows.leftToOthers('a');
    rows.leftToOthers('b');
    expect([counts.guest, rows.doubtful(100, 100)]).toEqual([1, []]);
    rows.givenBack('b', 200);
    expect(rows.doubtful(300, 100)).toEqual(['b']);
  });
});
