// The bench of the agent: what it prints and leaves behind. Figures are nobody's business here.
import { readFileSync } from 'node:fs';
import { BenchDirectory } from './bench-process';

describe('npm run bench:agent', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.run('bench-agent.mjs', words);

  it('measures a driver through the agent and ends with the targets', async () => {
    const file = directory.file('bench.json');
    const small = ['--only', 'process', '--rounds', '2', '--cycles', '3', '--parallel', '2', '--json', file];
    const { code, printed } = await bench(...small);
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/^ driver  create ms .*\nprocess( +[\d.]+){3} +-( +[\d.]+){5}$/m),
    ]);
    expect(printed.trimEnd().split('\n').slice(-3)).toEqual([
      'target agent-suspend-resume-of-docker-pause: not measured (<= 0.05) MISSED',
      'target agent-runc-create-of-docker: not measured (<= 0.5) MISSED',
      'target agent-prewarmed-p50: not measured (<= 60 ms) MISSED',
    ]);
    const { measured } = JSON.parse(readFileSync(file, 'utf8')) as {
      measured: Record<string, { times: Record<string, number[]> }>;
    };
    expect(Object.keys(measured)).toEqual(['process']);
    expect(Object.entries(measured.process!.times).map(([name, times]) => [name, times.length])).toEqual([
      ['create', 2],
      ['remove', 2],
      ['wipe', 0],
      ['prewarmed', 2],
      ...['suspend', 'resume', 'cycle'].map((name) => [name, 3]),
    ]);
  });

  it('names a driver that there is not', async () => {
    const { code, printed } = await bench('--only', 'podman');
    expect([code, printed]).toEqual([1, 'bench: there is no driver "podman"; choose of process, docker, runc\n']);
  });
});
