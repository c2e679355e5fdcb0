// The bench of the agent: what it prints and leaves behind. Figures are nobody's business here.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/platform';
import { processesUsing } from '../support/processes';
import { until } from '../support/until';

let temporary: string;

async function bench(...words: string[]): Promise<{ code: number | null; printed: string }> {
  const child = spawn(process.execPath, [join(root, 'tools/bench-agent.mjs'), ...words], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, printed };
}

describe('npm run bench:agent', () => {
  beforeEach(() => void (temporary = mkdtempSync(join(tmpdir(), 'bench-spec-'))));
  afterEach(async () => {
    await until('nothing of the bench runs', () => processesUsing(temporary).length === 0, 20_000);
    expect(readdirSync(temporary).filter((name) => name.startsWith('hearth-bench-'))).toEqual([]);
    rmSync(temporary, { recursive: true, force: true });
  });

  it('measures a driver through the agent and ends with the targets', async () => {
    const file = join(temporary, 'bench.json');
    const small = ['--only', 'process', '--rounds', '2', '--cycles', '3', '--parallel', '2', '--json', file];
    const { code, printed } = await bench(...small);
    expect([code, printed]).toEqual([0, expect.stringMatching(/^ driver  create ms .*\nprocess( +[\d.]+){8}$/m)]);
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
      ...['create', 'remove', 'prewarmed'].map((name) => [name, 2]),
      ...['suspend', 'resume', 'cycle'].map((name) => [name, 3]),
    ]);
  });

  it('names a driver that there is not', async () => {
    const { code, printed } = await bench('--only', 'podman');
    expect([code, printed]).toEqual([1, 'bench: there is no driver "podman"; choose of process, docker, runc\n']);
  });
});
