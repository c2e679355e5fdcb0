// What bench:reality makes of its measurements; the measurements themselves need a quiet machine and minutes.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readWorkload } from '#workload';
import { root } from '../support/platform';

interface Operation {
  times: number[];
  busyMs: number;
}
/** The answer of one of its functions, in a process of its own: they are modules, which no test can load. */
function figure(name: string, argument: object): unknown {
  const module = JSON.stringify(pathToFileURL(join(root, 'test/bench/reality/figures.mjs')));
  const code = `import(${module}).then((all) => console.log(JSON.stringify(all.${name}(JSON.parse(process.argv[1])))))`;
  return JSON.parse(
    execFileSync(process.execPath, ['-e', code, JSON.stringify(argument)], { encoding: 'utf8' }),
  ) as unknown;
}

interface Parts {
  times: Record<string, number[]>;
  busy: Record<string, number>;
}

const ten = (ms: number, busyEachMs: number): Operation => ({
  times: Array<number>(10).fill(ms),
  busyMs: 10 * busyEachMs,
});

it('tells the simulation what each part takes alone, and how busy it keeps a core', () => {
  const agent = {
    create: ten(50, 45),
    init: ten(10, 9),
    firstRun: ten(8, 2),
    run: ten(6, 0.5),
    remove: ten(8, 6),
    suspend: ten(0.3, 0.2),
    resume: ten(0.5, 0.2),
  };
  const platform = {
    idleShare: 0.1,
    warm: Array<number>(10).fill(7),
    warmBusyMs: 1,
    coldWait: [56],
    cold: [80],
    coldBusyMs: 60,
  };
  const { times, busy } = figure('measuredParts', { agent, platform, cores: 2, sleepMs: 5 }) as Parts;
  // Its own sleep is no overhead of a run; what the platform adds is what is left of a warm request.
  expect(times.run![0]).toBeCloseTo(1);
  expect(times.firstRun![0]).toBeCloseTo(3);
  expect(times.platform![0]).toBeCloseTo(1);
  // Six messages make up what a cold request waits longer than its creation takes.
  expect(times.hop).toEqual([1]);
  expect(busy.cores).toBeCloseTo(1.9);
  expect(busy.create).toBeCloseTo(0.9);
  expect(busy.freeze).toBeCloseTo(0.5);
  expect(busy.way).toBeCloseTo(0.5);
  // 60 less creation, init, run and way, over six messages of a millisecond.
  expect(busy.hop).toBeCloseTo((60 - 45 - 9 - 2 - 0.5) / 6);
});

it('compares shares of cold starts by points and medians by their ratio', () => {
  const real = { coldPercent: 40, p50Ms: 100 };
  const verdicts = figure('targetsOf', [
    { name: 'near', real, simulated: { coldPercent: 36, p50Ms: 120 } },
    { name: 'far', real, simulated: { coldPercent: 46, p50Ms: 70 } },
  ]) as { name: string; isMet: boolean }[];
  expect(verdicts.map(({ name, isMet }) => [name, isMet])).toEqual([
    ['reality-near-cold', true],
    ['reality-near-p50', true],
    ['reality-far-cold', false],
    ['reality-far-p50', false],
  ]);
});

it('has workload files that can be read', () => {
  const directory = join(root, 'test/bench/reality');
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  expect(files).toHaveLength(3);
  for (const name of files) expect(readWorkload(readFileSync(join(directory, name), 'utf8')).problems).toBeUndefined();
});
