import { Permits } from './permits';
import { Turns } from './turns';
import { within } from './within';

const never = new AbortController().signal;

describe('permits', () => {
  it('are given in the order in which they were asked for', async () => {
    const permits = new Permits(1);
    const got: number[] = [];
    const release = await permits.take(never);
    const others = [1, 2].map(async (n) => {
      const done = await permits.take(never);
      got.push(n);
      done();
    });
    expect(got).toEqual([]);
    release();
    await Promise.all(others);
    expect(got).toEqual([1, 2]);
    expect(() => release()).toThrow('twice');
  });

  it('are not waited for by those who gave up', async () => {
    const permits = new Permits(1);
    const release = await permits.take(never);
    const abort = new AbortController();
    const gaveUp = permits.take(abort.signal);
    const next = permits.take(never);
    abort.abort();
    await expect(gaveUp).rejects.toThrow('given up');
    release();
    (await next)();
    (await permits.take(never))();
  });
});

describe('turns', () => {
  it('come one after another, also after a failure', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const slow = turns.take(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push('slow');
      throw new Error('failed');
    });
    const quick = turns.take(() => seen.push('quick'));
    await expect(slow).rejects.toThrow('failed');
    await quick;
    expect(seen).toEqual(['slow', 'quick']);
  });
});

describe('a wait with a limit', () => {
  it('ends with whichever comes first', async () => {
    const late = () => new Error('late');
    expect(await within(1_000, Promise.resolve(1), late)).toBe(1);
    await expect(within(5, new Promise(() => undefined), late)).rejects.toThrow('late');
    await expect(within(1_000, Promise.reject(new Error('failed')), late)).rejects.toThrow('failed');
  });
});
