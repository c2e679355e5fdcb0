import fc from 'fast-check';
import { ActivationLogs, type FinishedLog } from './activation-logs';
import { LogBudget } from './log-budget';
import { LineTimes } from './log-lines';
import type { LogStream } from './log-source';
import { silentRunBytes } from './silent-runs';

const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const id = (n: number) => String(n).padStart(32, '0');
const end = (n: number) => `${sentinel} ${id(n)}\n`;
const mb = 1_048_576;
const wall = Date.parse('2024-01-01T00:00:00.123Z');
/** Lines without their time. */
const texts = (log: FinishedLog | undefined) => log?.lines.map((line) => line.slice(31));

function make({ isStamped = true, budgetBytes = 100 * mb, halfOpenCount = 100 } = {}) {
  const budget = new LogBudget(budgetBytes);
  const logs = new ActivationLogs({ lineBytes: 1_000, isStamped, halfOpenCount, budget });
  const push = (stream: LogStream, text: string, limitBytes = mb, at = wall) =>
    logs.push(stream, Buffer.from(text), at, limitBytes);
  return { logs, push, budget };
}

describe('attribution', () => {
  it('gives an activation what both streams had since the sentinel before', () => {
    const { push } = make();
    expect(push('stdout', `a\n${end(1)}b\n`)).toEqual([]);
    const [first] = push('stderr', `e\n${end(1)}`);
    expect(first).toMatchObject({ activationId: id(1), complete: true, truncated: false });
    expect(texts(first)).toEqual(['stdout: a', 'stderr: e']);
    expect(push('stderr', end(2))).toEqual([]);
    expect(texts(push('stdout', end(2))[0])).toEqual(['stdout: b']);
  });

  it('writes lines as OpenWhisk does, in the order in which they were read', () => {
    const { push } = make();
    push('stderr', 'one\n');
    push('stdout', 'two\n', mb, wall + 5);
    push('stderr', `three\n${end(1)}`, mb, wall + 9);
    const [log] = push('stdout', end(1));
    expect(log?.lines).toEqual([
      '2024-01-01T00:00:00.123000000Z stderr: one',
      '2024-01-01T00:00:00.128000000Z stdout: two',
      '2024-01-01T00:00:00.132000000Z stderr: three',
    ]);
  });

  it('finishes an activation whose second sentinel does not come, and says so', () => {
    const { logs, push } = make();
    push('stdout', `a\n${end(1)}`);
    expect(logs.expire(wall + 1_999, 2_000, mb)).toEqual([]);
    const [log] = logs.expire(wall + 2_000, 2_000, mb);
    expect(texts(log)).toEqual([
      'stdout: a',
      'stderr: There was an issue while collecting your logs. Data might be missing.',
    ]);
    expect(log?.complete).toBe(false);
  });

  it('does not hold more half-ended activations than it may', () => {
    const { logs, push, budget } = make({ halfOpenCount: 10 });
    const forged = Array.from({ length: 1_000 }, (_, n) => `x\n${end(n)}`).join('');
    expect(push('stdout', forged)).toHaveLength(990);
    logs.close();
    expect(budget.heldBytes).toBeGreaterThan(0); // what the 990 hold until they are stored
  });

  it('gives what no sentinel ended to the activation that is named', () => {
    const { logs, push } = make();
    push('stdout', 'a\nb');
    push('stderr', 'e\n');
    const log = logs.seize(id(1), wall, mb);
    expect(texts(log)).toEqual(['stdout: a', 'stderr: e', 'stdout: b']);
    expect(log.complete).toBe(false);
    expect(logs.seize(id(2), wall, mb).lines).toEqual([]);
  });

  it('without stamps, hands over what the sentinels ended', () => {
    const { logs, push } = make({ isStamped: false });
    push('stdout', `a\n${sentinel}\n`);
    push('stderr', `${sentinel}\n`);
    const log = logs.seize(id(1), wall, mb);
    expect(texts(log)).toEqual(['stdout: a']);
    expect(log.complete).toBe(true);
    expect(logs.seize(id(2), wall, mb).complete).toBe(false);
  });
});

describe('sentinels that name nobody', () => {
  const bare = `${sentinel}\n`;

  it('end what was written before them, and no more', () => {
    const { logs, push } = make({ isStamped: false });
    push('stdout', `a\n${bare}b\n`);
    expect(logs.isEnded).toBe(false);
    push('stderr', bare);
    expect(logs.isEnded).toBe(true);
    expect(texts(logs.name(id(1), wall, mb))).toEqual(['stdout: a']);
    expect(logs.isEnded).toBe(false);
    expect(texts(logs.seize(id(2), wall, mb))).toEqual(['stdout: b']);
  });

  it('do not make a log longer than its limit, however many there are', () => {
    const { logs, push, budget } = make({ isStamped: false });
    push('stdout', `xxxxx\n${bare}`.repeat(1_000), 200);
    push('stderr', bare, 200);
    expect(budget.heldBytes).toBeLessThanOrEqual(200);
    const log = logs.name(id(1), wall, 200);
    expect(log.truncated).toBe(true);
    budget.give(log.bytes);
    expect(budget.heldBytes).toBe(0);
  });

  it('give back what nobody asked for', () => {
    const { logs, push, budget } = make({ isStamped: false });
    push('stdout', `a\n${bare}b\n`);
    logs.close();
    expect(budget.heldBytes).toBe(0);
  });
});

describe('limits', () => {
  const line = (text: string) => `2024-01-01T00:00:00.123000000Z ${text}\n`.length;

  it('keeps what fits and says that there was more', () => {
    const { push, budget } = make();
    const limit = 3 * line('stdout: xxxxx') + 1;
    push('stdout', `${'xxxxx\n'.repeat(10)}${end(1)}`, limit);
    const [log] = push('stderr', end(1), limit);
    expect(texts(log)).toEqual([
      ...Array.from({ length: 3 }, () => 'stdout: xxxxx'),
      `stderr: Logs were truncated because the total bytes size exceeds the limit of ${limit} bytes.`,
    ]);
    expect(log).toMatchObject({ truncated: true, complete: true, bytes: 3 * line('stdout: xxxxx') });
    expect(budget.heldBytes).toBe(log?.bytes);
  });

  it('counts both streams together', () => {
    const { push } = make();
    const limit = 3 * line('stdout: xxxxx');
    push('stdout', `${'xxxxx\n'.repeat(2)}${end(1)}`, limit);
    const [log] = push('stderr', `${'yyyyy\n'.repeat(2)}${end(1)}`, limit);
    expect(texts(log)?.slice(0, 3)).toEqual(['stdout: xxxxx', 'stdout: xxxxx', 'stderr: yyyyy']);
    expect(log?.truncated).toBe(true);
  });

  it('begins anew with the next activation', () => {
    const { push } = make();
    push('stdout', `${'x\n'.repeat(100)}${end(1)}y\n${end(2)}`, 200);
    const [first, second] = push('stderr', `${end(1)}${end(2)}`, 200);
    expect(first?.truncated).toBe(true);
    expect(texts(second)).toEqual(['stdout: y']);
  });

  it('collects nothing with a limit of 0', () => {
    const { push, logs, budget } = make();
    push('stdout', `a\n${end(1)}b\n`, 0);
    expect(push('stderr', `e\n${end(1)}`, 0)).toMatchObject([{ lines: [], truncated: false }]);
    expect(logs.seize(id(2), wall, 0).lines).toEqual([]);
    expect(budget.heldBytes).toBe(0);
  });

  it('drops what is beyond the budget of the agent, and says so', () => {
    const { push, budget } = make({ budgetBytes: 100 });
    push('stdout', `${'xxxxx\n'.repeat(10)}${end(1)}`);
    const [log] = push('stderr', end(1));
    expect(texts(log)).toEqual([
      'stdout: xxxxx',
      'stdout: xxxxx',
      'stderr: There was an issue while collecting your logs. Data might be missing.',
    ]);
    expect(budget.heldBytes).toBeLessThanOrEqual(100);
  });

  it('gives all of the budget back', () => {
    const output = fc.array(fc.constantFrom('x\n', 'yyyy\n', 'z', end(1), end(2), end(3)), { maxLength: 20 });
    fc.assert(
      fc.property(output, output, fc.constantFrom(0, 50, 100, 1_000), (out, err, limit) => {
        const { logs, push, budget } = make({ budgetBytes: 400 });
        const finished = [...push('stdout', out.join(''), limit), ...push('stderr', err.join(''), limit)];
        finished.push(logs.seize(id(9), wall, limit));
        logs.close();
        for (const { bytes } of finished) budget.give(bytes);
        expect(budget.heldBytes).toBe(0);
      }),
    );
  });
});

describe('stamped lines', () => {
  const by = (n: number, text: string) => `\u001e${id(n)} ${text}\n`;

  it('belong to the activation that they name, whoever ends first', () => {
    const { push } = make();
    push('stdout', `${by(1, 'a1')}${by(2, 'b1')}${by(1, 'a2')}${end(2)}${by(1, 'a3')}`);
    const [second] = push('stderr', `${by(1, 'e1')}${end(2)}`);
    expect(second).toMatchObject({ activationId: id(2), complete: true });
    expect(texts(second)).toEqual(['stdout: b1']);
    push('stdout', end(1));
    expect(texts(push('stderr', end(1))[0])).toEqual(['stdout: a1', 'stdout: a2', 'stdout: a3', 'stderr: e1']);
  });

  it('stand among those that nothing names, which are of whoever ends next', () => {
    const { push } = make();
    push('stdout', `${by(1, 'a')}of a child\n${by(1, 'b')}${end(1)}`);
    expect(texts(push('stderr', end(1))[0])).toEqual(['stdout: a', 'stdout: of a child', 'stdout: b']);
  });

  it('are limited for each activation on its own', () => {
    const { push } = make();
    push('stdout', `${by(3, 'a')}${'x'.repeat(200)}\n`, 100);
    push('stdout', `${by(1, 'x'.repeat(200))}${by(1, 'short')}${by(2, 'fits')}${end(1)}${end(2)}`, 100);
    const [first, second] = push('stderr', `${end(1)}${end(2)}`, 100);
    expect(first).toMatchObject({ activationId: id(1), truncated: true });
    expect(texts(second)).toEqual(['stdout: fits']);
  });

  it('go with what is seized, and give all of the budget back', () => {
    const { logs, push, budget } = make({ budgetBytes: 1_000 });
    push('stdout', `${by(1, 'mine')}${by(2, 'not mine')}`);
    const seized = logs.seize(id(1), wall, mb);
    expect(texts(seized)).toEqual(['stdout: mine']);
    budget.give(seized.bytes);
    logs.close();
    expect([budget.take(1_000), budget.take(1)]).toEqual([true, false]);
  });

  it('of more activations than may wait end the oldest', () => {
    const { push } = make({ halfOpenCount: 2 });
    const [oldest, ...others] = push('stdout', [1, 2, 3].map((n) => by(n, `of ${n}`)).join(''));
    expect([oldest?.activationId, oldest?.complete, others]).toEqual([id(1), false, []]);
  });

  it('keep what looks like silence from being taken for it', () => {
    const { logs, push } = make();
    push('stdout', by(1, 'a'));
    expect(logs.silent(Buffer.from(end(1)), Buffer.from(end(1)))).toBe(0);
  });

  it('are plain output of images that stamp nothing', () => {
    const { logs, push } = make({ isStamped: false });
    push('stdout', by(1, 'a'));
    expect(texts(logs.seize(id(1), wall, mb))).toEqual([`stdout: \u001e${id(1)} a`]);
  });
});

describe('activations that print nothing', () => {
  it('are the same whole sentinels in both streams', () => {
    const run = (...ids: number[]) => Buffer.from(ids.map(end).join(''));
    expect(silentRunBytes(run(1, 2, 3), run(1, 2, 3))).toBe(3 * 71);
    expect(silentRunBytes(run(1, 2, 3), run(1, 2))).toBe(2 * 71);
    expect(silentRunBytes(run(1, 2), run(2, 1))).toBe(0);
    expect(silentRunBytes(run(1), Buffer.alloc(0))).toBe(0);
    expect(silentRunBytes(Buffer.from(`${end(1)}x\n`), Buffer.from(`${end(1)}x\n`))).toBe(71);
    expect(silentRunBytes(Buffer.from(end(1).replace('0', 'z')), Buffer.from(end(1).replace('0', 'z')))).toBe(0);
    expect(silentRunBytes(run(1).subarray(0, 70), run(1).subarray(0, 70))).toBe(0);
  });

  it('are looked through only when nothing else is pending', () => {
    const { logs, push } = make();
    const silent = Buffer.from(end(1));
    expect(logs.silent(silent, silent)).toBe(71);
    push('stdout', 'a');
    expect(logs.silent(silent, silent)).toBe(0);
    push('stdout', `\n${end(2)}`);
    expect(logs.silent(silent, silent)).toBe(0);
    push('stderr', end(2));
    expect(logs.silent(silent, silent)).toBe(71);
  });
});

describe('times of lines', () => {
  it('are strictly in order, also when the clock stands or goes back', () => {
    const times = new LineTimes();
    const seen: string[] = [];
    for (const ms of [wall, wall, wall - 1_000, wall + 1]) {
      times.at(ms);
      seen.push(times.next(), times.next());
    }
    expect([...seen].sort()).toEqual(seen);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(time))).toBe(true);
  });

  it('go on into the next millisecond', () => {
    const times = new LineTimes();
    times.at(wall);
    let last = '';
    for (let n = 0; n <= 1_000_000; n += 1) last = times.next();
    expect(last).toBe('2024-01-01T00:00:00.124000000Z');
  });
});
