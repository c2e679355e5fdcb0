// The whole cluster on a virtual clock, seed by seed. SIMULATION_SEED=42 runs that seed alone and prints all that happened.
import { simulate } from './simulation';

const one = process.env.SIMULATION_SEED;
const seedCount = 300;
const groups = 10;

if (one !== undefined) {
  it(`keeps its promises with seed ${one}`, () => {
    const print = (text: string): void => void process.stdout.write(`${text}\n`);
    try {
      print(simulate(Number(one), { transcriptLines: Infinity }).transcript);
    } catch (error) {
      print((error as Error).message);
      throw new Error(`seed ${one} breaks a promise; its transcript is above.`, { cause: error });
    }
  });
} else {
  describe('two controllers, two schedulers and two agents, with faults', () => {
    it.each(Array.from({ length: groups }, (_, at) => at))(
      'keep their promises (part %i)',
      (group) => {
        for (let seed = 1 + group; seed <= seedCount; seed += groups) simulate(seed);
      },
      120_000,
    );

    it('do the same with the same seed', () => {
      const [first, second, other] = [simulate(7), simulate(7), simulate(8)];
      expect(second.digest).toBe(first.digest);
      expect(other.digest).not.toBe(first.digest);
    });
  });
}
