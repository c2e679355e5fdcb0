// `hearth check`: what it prints and answers, and that a found seed is shortened to what matters and can be run again.
import { runCheck } from './check';
import { plantedBugs } from './planted-bugs';

function check(...words: string[]): { code: number; printed: string } {
  let printed = '';
  const code = runCheck(words, { out: (text) => void (printed += text) });
  return { code, printed };
}

it('says how far it has been when nothing is found', () => {
  const { code, printed } = check('--seeds', '3', '--from', '5');
  expect(code).toBe(0);
  expect(printed).toMatch(/3 seeds from 5 on keep every promise/);
  expect(printed).toMatch(/[\d,]+ events, [\d,]+ invocations, [\d,]+ runs, [\d,]+ records/);
  expect(printed).toMatch(/faults: killLeader \d+, .*evict \d+/);
  expect(printed).toMatch(/[\d,]+ states of the cluster visited/);
});

it('makes a found seed short, and runs it again by the words that it prints', () => {
  const takeOut = plantedBugs.find(({ name }) => name === 'orphan-given-away')!.plant();
  try {
    const { code, printed } = check('--seeds', '20');
    expect(code).toBe(1);
    const [, faults, requests] = /the shortest that shows it has (\d+) faults and (\d+) requests/.exec(printed)!;
    expect(Number(faults) + Number(requests)).toBeLessThan(10);
    const sentence = /^check: (broken promise: .* never gave it back)$/m.exec(printed)![1]!;
    const again = /to see it again: hearth check (.*)$/m.exec(printed)![1]!;
    const replayed = check(...again.split(' '));
    expect(replayed.code).toBe(1);
    expect(replayed.printed).toContain(sentence);
  } finally {
    takeOut();
  }
}, 120_000);

it('refuses what it does not understand, with one sentence', () => {
  expect(check('--seeds', 'many')).toEqual({
    code: 2,
    printed: 'hearth: check: --seeds is "many"; give a whole number of at least 1.\n',
  });
  expect(check('--fast').code).toBe(2);
  expect(check('--seed', '1', '--faults', '9999').printed).toMatch(/seed 1 has no fault 9999/);
});
