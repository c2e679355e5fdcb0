// Thousands of seeds, new ones each time: SIMULATION_FROM repeats a run, `hearth check --seed` one seed of it.
import { simulate } from './simulation';

const from = Number(process.env.SIMULATION_FROM ?? 1_000 + (Math.floor(Date.now() / 1_000) % 1_000_000) * 1_000);
const groups = 20;
const seedsPerGroup = 200;

describe(`many simulated clusters (SIMULATION_FROM=${from})`, () => {
  it.each(Array.from({ length: groups }, (_, at) => at))(
    'keep their promises (part %i)',
    (group) => {
      const first = from + group * seedsPerGroup;
      for (let seed = first; seed < first + seedsPerGroup; seed += 1) simulate(seed);
    },
    600_000,
  );
});
