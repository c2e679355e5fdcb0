import { ManualClock } from '#clock';
import type { Identity } from '#entity';
import { defaultLimits } from '#limits';
import { OwnPermits } from './permit-lender';
import { Throttles } from './throttles';

const identity = (limits: Identity['limits']): Identity => ({
  ...{ subject: 's', namespace: 'n', uuid: 'u', apiKey: '' },
  limits,
});

function make(controllers = 1) {
  const clock = new ManualClock();
  return { clock, throttles: new Throttles(new OwnPermits(clock, controllers), defaultLimits, clock) };
}

describe('throttles without a Redis', () => {
  it('use the limits of the system where the namespace has none', async () => {
    const { throttles } = make();
    for (let at = 0; at < 30; at++) expect(throttles.charge(identity({}))).toBe('admitted');
    await expect(throttles.admit(identity({}))).rejects.toMatchObject({
      status: 429,
      message: 'Too many concurrent requests in flight (count: 30, allowed: 30).',
    });
    for (let at = 0; at < 29; at++) {
      throttles.release('n');
      await throttles.admit(identity({}));
    }
    throttles.release('n');
    // 30, the one that was refused, and 29: the minute is used up.
    await expect(throttles.admit(identity({}))).rejects.toMatchObject({
      message: 'Too many requests in the last minute (count: 61, allowed: 60).',
    });
  });

  it('begin anew with each minute, and keep what is in flight', async () => {
    const { clock, throttles } = make();
    const one = identity({ invocationsPerMinute: 1, concurrentInvocations: 2 });
    await throttles.admit(one);
    await expect(throttles.admit(one)).rejects.toMatchObject({ status: 429 });
    clock.advance(60_000);
    throttles.tick(clock.now());
    await throttles.admit(one);
    expect(throttles.inFlight('n')).toBe(2);
  });

  it('give one of several controllers its share, and nothing of nothing', async () => {
    const { throttles } = make(4);
    const few = identity({ invocationsPerMinute: 8, concurrentInvocations: 2 });
    const refusal = (what: string) => ({ message: expect.stringContaining(what) as string });
    await throttles.admit(few);
    await expect(throttles.admit(few)).rejects.toMatchObject(refusal('in flight'));
    throttles.release('n');
    await expect(throttles.admit(few)).rejects.toMatchObject(refusal('last minute'));
    await expect(throttles.fire(identity({ firesPerMinute: 0 }))).rejects.toMatchObject({ status: 429 });
  });
});
