import { WrongGuesses } from './wrong-guesses';

describe('wrong guesses', () => {
  it('are counted by client and minute', () => {
    const wrong = new WrongGuesses(2, 10);
    for (let at = 0; at < 3; at += 1) wrong.add('a', 59_000);
    wrong.add('b', 59_000);
    expect([wrong.countOf('a', 59_999), wrong.countOf('b', 59_999), wrong.countOf('c', 59_999)]).toEqual([3, 1, 0]);
    expect(wrong.countOf('a', 60_000)).toBe(0);
    wrong.add('a', 60_000);
    expect(wrong.countOf('a', 60_001)).toBe(1);
  });

  it('are remembered of so many clients only, the latest', () => {
    const wrong = new WrongGuesses(2, 3);
    for (const client of ['a', 'b', 'c', 'a', 'd']) wrong.add(client, 0);
    expect(wrong.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((client) => wrong.countOf(client, 1))).toEqual([2, 0, 1, 1]);
  });

  it('are fewer by what turned out to be right, in the same minute', () => {
    const wrong = new WrongGuesses(2, 10);
    wrong.add('a', 0);
    wrong.add('a', 0);
    wrong.takeBack('a', 1);
    wrong.takeBack('a', 60_000);
    wrong.takeBack('b', 1);
    expect([wrong.countOf('a', 1), wrong.countOf('b', 1)]).toEqual([1, 0]);
  });
});
