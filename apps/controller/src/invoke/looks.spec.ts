// When to look at each of many things again.
import { seededRandom } from '#clock';
import { Looks } from './looks';

describe('looks', () => {
  it('gives what is due once, the earliest first, by the time that was set last', () => {
    const looks = new Looks<string>();
    for (const [item, at] of Object.entries({ c: 30, a: 10, b: 20, d: 40 })) looks.set(item, at);
    looks.set('c', 15);
    looks.set('a', 35);
    looks.delete('d');
    expect(looks.due(14)).toEqual([]);
    expect(looks.due(30)).toEqual(['c', 'b']);
    expect(looks.due(100)).toEqual(['a']);
    expect(looks.due(100)).toEqual([]);
  });

  it('answers as a plain map would, whatever was set and deleted before', () => {
    const random = seededRandom(7);
    const looks = new Looks<number>();
    const plain = new Map<number, number>();
    let now = 0;
    for (let step = 0; step < 20_000; step += 1) {
      const item = Math.floor(random() * 50);
      if (random() < 0.1) {
        looks.delete(item);
        plain.delete(item);
      } else {
        const at = now + Math.floor(random() * 10_000);
        looks.set(item, at);
        plain.set(item, at);
      }
      if (random() > 0.05) continue;
      now += Math.floor(random() * 300);
      const due = [...plain].filter(([, at]) => at <= now).sort(([, one], [, other]) => one - other);
      for (const [each] of due) plain.delete(each);
      const given = looks.due(now);
      expect(new Set(given)).toEqual(new Set(due.map(([each]) => each)));
      expect(given).toHaveLength(due.length);
    }
    // What was changed thousands of times is not kept thousands of times.
    expect((looks as unknown as { heap: unknown[] }).heap.length).toBeLessThan(300);
  });
});
