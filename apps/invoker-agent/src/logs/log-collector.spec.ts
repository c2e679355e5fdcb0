import { ManualClock } from '#clock';
import { defaultLimits, type Limits } from '#limits';
import type { Note } from '#protocol';
import type { LogRow, LogStore } from '#store';
import { silentLogger } from '#telemetry';
import { LogCollector } from './log-collector';
import type { LogSource, LogStream } from './log-source';

const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const id = (n: number) => String(n).padStart(32, '0');
const end = (n: number) => `${sentinel} ${id(n)}\n`;
const developerError = 'stderr: The action did not initialize or run as expected. Log data might be missing.';

/** Output that a test writes. */
class Source implements LogSource {
  readonly output = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly at = { stdout: 0, stderr: 0 };
  write(stream: LogStream, text: string): void {
    this.output[stream] = Buffer.concat([this.output[stream], Buffer.from(text)]);
  }
  peek(stream: LogStream, into: Buffer): number {
    return this.output[stream].copy(into, 0, this.at[stream]);
  }
  skip(stream: LogStream, bytes: number): void {
    this.at[stream] += bytes;
  }
  position(): number {
    return Math.max(this.at.stdout, this.at.stderr);
  }
}

class Rows implements LogStore {
  readonly rows: LogRow[] = [];
  failing = false;
  async append(rows: readonly LogRow[]): Promise<void> {
    if (this.failing) throw new Error('the disk is full');
    this.rows.push(...rows);
  }
  async read(namespace: string, activationId: string): Promise<string[]> {
    return this.rows
      .filter((row) => row.namespace === namespace && row.activationId === activationId)
      .flatMap(({ lines }) => lines);
  }
  async texts(n: number, namespace = 'guest'): Promise<string[]> {
    return (await this.read(namespace, id(n))).map((line) => line.slice(31));
  }
}

const note = (overrides: Partial<Note> = {}): Note => ({
  owner: 'controller0',
  incarnation: '1',
  actionKey: 'guest|guest/hello|1',
  namespace: 'guest',
  grantId: '1.1',
  epoch: '1',
  logLimitMb: 1,
  ...overrides,
});

function make(limits: Partial<Limits> = {}, isStamped = true) {
  const clock = new ManualClock();
  const store = new Rows();
  const source = new Source();
  const emptied: string[] = [];
  const collector = new LogCollector({
    store,
    limits: { ...defaultLimits, logPollMs: 5, logBatchMs: 5, logRetryMs: 20, removalLogMs: 100, ...limits },
    clock,
    logger: silentLogger,
    empty: async (container, drain) => {
      await drain();
      emptied.push(container);
      source.output.stdout = source.output.stderr = Buffer.alloc(0);
      source.at.stdout = source.at.stderr = 0;
      return true;
    },
  });
  const both = (n: number, out = '', err = '') => {
    source.write('stdout', `${out}${end(n)}`);
    source.write('stderr', `${err}${end(n)}`);
  };
  const given = { note: note() as Note | undefined };
  collector.follow('c1', source, () => given.note, isStamped);
  return { collector, store, source, both, emptied, given, clock };
}

async function until(isIt: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await isIt())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('tailing', () => {
  it('stores the lines of finished activations under the namespace of the note', async () => {
    const { collector, store, both } = make();
    collector.start();
    both(1, 'a\n', 'e\n');
    both(2, 'b\n');
    await until(() => store.rows.length === 2);
    expect(await store.texts(1)).toEqual(['stdout: a', 'stderr: e']);
    expect(await store.texts(2)).toEqual(['stdout: b']);
    expect(await store.read('other', id(1))).toEqual([]);
    await collector.close();
  });

  it('writes nothing for activations without output', async () => {
    const { collector, store, both, source } = make();
    collector.start();
    for (let n = 0; n < 2_000; n += 1) both(n);
    source.write('stdout', end(3_000));
    await until(() => source.at.stdout === source.output.stdout.length);
    source.write('stderr', end(3_000));
    both(4_000, 'a\n');
    await until(() => store.rows.length > 0);
    expect(store.rows.map(({ activationId }) => activationId)).toEqual([id(4_000)]);
    await collector.close();
  });

  it('leaves suspended containers alone after one last look', async () => {
    const { collector, store, both, source } = make();
    both(1, 'a\n');
    await collector.suspended('c1');
    collector.start();
    both(2, 'b\n');
    await until(() => store.rows.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(source.at.stdout).toBeLessThan(source.output.stdout.length);
    collector.resumed('c1');
    await until(() => store.rows.length === 2);
    await collector.close();
  });

  it('has large output emptied', async () => {
    const { collector, both, emptied, store } = make({ logFileBytes: 1_000 });
    collector.start();
    for (let n = 0; n < 50; n += 1) both(n, 'a\n');
    await until(() => emptied.length > 0);
    both(99, 'b\n');
    await until(async () => (await store.texts(99)).length > 0);
    expect(store.rows).toHaveLength(51);
    await collector.close();
  });

  it('tries again when the store fails, and loses nothing', async () => {
    const { collector, store, both } = make();
    store.failing = true;
    collector.start();
    both(1, 'a\n');
    await until(() => collector.metrics().rowsWaiting === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    both(2, 'b\n');
    store.failing = false;
    await until(() => store.rows.length === 2);
    expect(store.rows.map(({ activationId }) => activationId)).toEqual([id(1), id(2)]);
    expect(collector.metrics()).toEqual({ heldBytes: 0, rowsWaiting: 0, rowsLost: 0 });
    await collector.close();
  });

  it('drops rows beyond the bound, and counts them', async () => {
    const { collector, store, both } = make({ logRowsCount: 3 });
    store.failing = true;
    collector.start();
    for (let n = 0; n < 10; n += 1) both(n, 'a\n');
    await until(() => collector.metrics().rowsLost === 7);
    store.failing = false;
    await collector.close();
    expect(store.rows).toHaveLength(3);
    expect(collector.metrics().heldBytes).toBe(0);
  });
});

describe('asking for a log', () => {
  it('collects at once, and answers what was stored', async () => {
    const { collector, store, both } = make();
    both(1, 'a\nb\n');
    expect(await collector.collect('c1', { activationId: id(1) })).toEqual({
      activationId: id(1),
      lines: 2,
      bytes: 2 * '2024-01-01T00:00:00.123000000Z stdout: a\n'.length,
      truncated: false,
      complete: true,
    });
    expect(await store.texts(1)).toHaveLength(2);
    expect(await collector.collect('c1', { activationId: id(1) })).toMatchObject({ lines: 2 });
    expect(store.rows).toHaveLength(1);
    await collector.close();
  });

  it('knows nothing of other containers, nor of activations without output', async () => {
    const { collector, both } = make();
    both(1);
    expect(await collector.collect('c1', { activationId: id(1) })).toBeUndefined();
    expect(await collector.collect('c2', { activationId: id(1) })).toBeUndefined();
    expect([collector.knows('c1'), collector.knows('c2')]).toEqual([true, false]);
    await collector.close();
  });

  it('marks a developer error once, behind all lines', async () => {
    const { collector, store, both } = make();
    both(1, 'a\n', 'Error: boom\n');
    await collector.collect('c1', { activationId: id(1), failed: true });
    await collector.collect('c1', { activationId: id(1), failed: true });
    await collector.end('c1', { failed: true, activationId: id(1) });
    await collector.close();
    expect(await store.texts(1)).toEqual(['stdout: a', 'stderr: Error: boom', developerError]);
  });
});

describe('a foreign image', () => {
  const incomplete = 'stderr: There was an issue while collecting your logs. Data might be missing.';
  const ended = (source: Source, out: string, err = '') => {
    source.write('stdout', `${out}${sentinel}\n`);
    source.write('stderr', `${err}${sentinel}\n`);
  };

  it('has what its sentinels end stored under the activation that the asker names', async () => {
    const { collector, store, source } = make({}, false);
    collector.start();
    for (const n of [1, 2]) {
      ended(source, `of ${n}\n`, `error of ${n}\n`);
      expect(await collector.collect('c1', { activationId: id(n) })).toMatchObject({ lines: 2, complete: true });
    }
    await collector.close();
    expect(await store.texts(1)).toEqual(['stdout: of 1', 'stderr: error of 1']);
    expect(await store.texts(2)).toEqual(['stdout: of 2', 'stderr: error of 2']);
  });

  it('keeps what comes behind the sentinels for the next, and takes a line of another form for output', async () => {
    const { collector, store, source } = make({}, false);
    ended(source, end(7));
    source.write('stdout', 'late\n');
    await collector.collect('c1', { activationId: id(1) });
    ended(source, 'b\n');
    await collector.collect('c1', { activationId: id(2) });
    await collector.close();
    expect(await store.texts(1)).toEqual([`stdout: ${end(7).trim()}`]);
    expect(await store.texts(2)).toEqual(['stdout: late', 'stdout: b']);
  });

  it('is waited for until it ends its output', async () => {
    const { collector, store, source } = make({}, false);
    source.write('stdout', 'a\n');
    const asked = collector.collect('c1', { activationId: id(1) });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(store.rows).toEqual([]);
    ended(source, 'b\n');
    expect(await asked).toMatchObject({ lines: 2, complete: true });
    await collector.close();
  });

  it('that writes no sentinels is waited for while it writes, and then for 2 s', async () => {
    const { collector, store, source, clock } = make({}, false);
    source.write('stdout', 'a\n');
    let isOver = false;
    const asked = collector.collect('c1', { activationId: id(1) }).finally(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    source.write('stdout', 'b\n');
    clock.advance(1_990);
    await until(() => source.at.stdout === source.output.stdout.length);
    clock.advance(1_990);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isOver).toBe(false);
    clock.advance(20);
    expect(await asked).toMatchObject({ lines: 3, complete: false });
    expect(await store.texts(1)).toEqual(['stdout: a', 'stdout: b', incomplete]);
    await collector.close();
  });

  it('that never pauses is waited for no longer than five times that', async () => {
    const { collector, store, source, clock } = make({}, false);
    let isOver = false;
    const asked = collector.collect('c1', { activationId: id(1) }).finally(() => (isOver = true));
    while (!isOver) {
      source.write('stdout', 'x\n');
      await until(() => isOver || source.at.stdout === source.output.stdout.length);
      clock.advance(500);
    }
    expect(await asked).toMatchObject({ complete: false });
    expect(clock.now()).toBeLessThan(15_000);
    expect((await store.texts(1)).at(-1)).toBe(incomplete);
    await collector.close();
  });

  it('that ends while it is waited for keeps nothing of the budget', async () => {
    const { collector, source } = make({}, false);
    source.write('stdout', 'a\n');
    const asked = collector.collect('c1', { activationId: id(1) });
    await collector.end('c1', { failed: false });
    expect(await asked).toBeUndefined();
    await collector.close();
    expect(collector.metrics().heldBytes).toBe(0);
  });
});

describe('the end of a container', () => {
  it('gives what is pending to the activation that is named', async () => {
    const { collector, store, source, both } = make();
    both(1, 'a\n');
    source.write('stdout', 'half a line');
    await collector.end('c1', { failed: true, activationId: id(2) });
    await collector.close();
    expect(await store.texts(1)).toEqual(['stdout: a']);
    expect(await store.texts(2)).toEqual(['stdout: half a line', developerError]);
  });

  it('marks the log of one that ended by itself and was nobody’s when it was asked for', async () => {
    const { collector, store, given } = make();
    collector.exited('c1');
    given.note = undefined;
    await collector.end('c1', { failed: true });
    expect(await collector.collect('c1', { activationId: id(1), failed: true })).toMatchObject({ lines: 1 });
    expect(await store.texts(1)).toEqual([developerError]);
    await collector.close();
  });

  it('lets the activation be named a little later', async () => {
    const { collector, store, source, given } = make();
    source.write('stderr', 'e\n');
    await collector.end('c1', { failed: true });
    given.note = undefined;
    expect(await collector.collect('c1', { activationId: id(1), failed: true })).toMatchObject({ lines: 2 });
    expect(await store.texts(1)).toEqual(['stderr: e', developerError]);
    await until(() => !collector.knows('c1'));
    await collector.close();
  });

  it('drops what belongs to nobody', async () => {
    const { collector, store, source } = make();
    source.write('stdout', `a\n${end(1)}b\n`);
    await collector.end('c1', { failed: false });
    await collector.close();
    expect(await store.texts(1)).toEqual([
      'stdout: a',
      'stderr: There was an issue while collecting your logs. Data might be missing.',
    ]);
    expect(store.rows).toHaveLength(1);
    expect(collector.metrics().heldBytes).toBe(0);
  });

  it('without a log limit says nothing at all', async () => {
    const { collector, store, source, given } = make();
    given.note = note({ logLimitMb: 0 });
    source.write('stdout', 'a\n');
    await collector.end('c1', { failed: true, activationId: id(1) });
    await collector.close();
    expect(store.rows).toEqual([]);
  });
});
