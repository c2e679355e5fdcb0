// The whole cluster on a virtual clock, seed by seed. `hearth check --seed 42` runs one of them alone and prints all that happened.
import { Worker } from 'node:worker_threads';
import { faultKinds } from './faults';
import { simulate } from './simulation';

const seedCount = 300;
const groups = 10;

describe('two controllers, two schedulers and two agents, with faults', () => {
  const injected = new Set<string>();

  it.each(Array.from({ length: groups }, (_, at) => at))(
    'keep their promises (part %i)',
    (group) => {
      for (let seed = 1 + group; seed <= seedCount; seed += groups) {
        for (const kind of Object.keys(simulate(seed).counts.faults)) injected.add(kind);
      }
    },
    240_000,
  );

  it('met every kind of fault', () => {
    expect([...injected].sort()).toEqual([...faultKinds].sort());
  });

  it('do the same with the same seed', () => {
    const [first, second, other] = [simulate(7), simulate(7), simulate(8)];
    expect(second.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
  });

  it('do the same however busy the machine is', async () => {
    const alone = simulate(11).digest;
    const busy = Array.from({ length: 3 }, () => new Worker('for (;;) Math.sqrt(Math.random());', { eval: true }));
    try {
      expect(simulate(11).digest).toBe(alone);
    } finally {
      await Promise.all(busy.map((worker) => worker.terminate()));
    }
  });
});
