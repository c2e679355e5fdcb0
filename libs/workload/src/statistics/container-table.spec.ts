import { seededRandom } from '#clock';
import { containersMost, ContainerTable } from './container-table';
import type { ContainerIdentity } from './finished-request';

/** Runs in containers of one number each, told by name or by that number; those of every second table are merged into the first. */
function tableOf(identify: (number: number) => ContainerIdentity): ContainerTable {
  const random = seededRandom(7);
  const [table, other] = [new ContainerTable(), new ContainerTable()];
  for (let run = 0; run < 5_000; run += 1) {
    const container = Math.floor(3_000 * random() ** 3);
    const startMs = 10_000 * random();
    const runsBefore = random() < 0.5 ? undefined : Math.floor(3 * random());
    (run % 2 === 0 ? table : other).ran(identify(container), startMs, startMs + 50 * random(), runsBefore);
  }
  table.merge(other);
  return table;
}

describe('a table of containers', () => {
  it('says the same of containers that are numbered as of those that have names', () => {
    const numbered = tableOf((number) => number).toJson();
    expect(numbered).toEqual(tableOf((number) => `container ${number}`).toJson());
    expect(numbered).toEqual(tableOf((number) => 3_999_000 + number).toJson());
    expect(numbered.seen).toBeGreaterThan(1_000);
    expect(numbered.reused).toBeGreaterThan(1_000);
  });

  it('tells a number from the name that looks like it', () => {
    const table = new ContainerTable();
    table.ran(1, 0, 1, undefined);
    table.ran('1', 0, 1, undefined);
    expect(table.toJson()).toMatchObject({ seen: 2, reused: 0 });
  });

  it('counts those beyond its limit without telling them apart, also when they come by a merge', () => {
    const [table, other] = [new ContainerTable(), new ContainerTable()];
    for (let at = 0; at < containersMost - 1; at += 1) table.ran(at, at, at + 1, 0);
    for (let at = 0; at < 3; at += 1) other.ran(`other ${at}`, 0, 1, 0);
    table.merge(other);
    expect(table.toJson()).toEqual({
      seen: containersMost + 2,
      runs: containersMost + 2,
      reused: 0,
      // The first two, which touch, and the one of the others that had a place.
      mostAtOnce: 3,
      runsPerContainerMost: 1,
    });
  });
});
