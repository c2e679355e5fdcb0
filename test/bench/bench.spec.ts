// The bench itself: what it prints and leaves behind, and that its load counts what really happened. Figures are nobody's business here.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { root } from '../support/platform';
import { until } from '../support/until';
import { BenchDirectory } from './bench-process';

describe('npm run bench', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.start('bench.mjs', words);

  it('measures Hearth beside a bare container and ends with its targets', async () => {
    const file = directory.file('bench.json');
    const { ended, printed } = bench(
      '--seconds',
      '0.3',
      '--rounds',
      '1',
      '--only',
      'node,runtime,hearth',
      '--json',
      file,
    );
    expect([await ended, printed()]).toEqual([0, expect.stringContaining('Hearth')]);
    const targets = printed().trimEnd().split('\n').slice(-4);
    expect(targets).toEqual([
      'target hearth-throughput-of-nginx-at-16: not measured (>= 0.35) MISSED',
      expect.stringMatching(/^target hearth-p50-added-at-1: -?\d+\.\d\d ms \(<= 1 ms\) (ok|MISSED)$/),
      'target hearth-errors: 0 (<= 0) ok',
      expect.stringMatching(/^target runtime-throughput-of-bare-node-at-16: \d+\.\d\d \(>= 0\.6\) (ok|MISSED)$/),
    ]);
    const { summary } = JSON.parse(readFileSync(file, 'utf8')) as { summary: Record<string, number | string>[] };
    const lines = summary.filter(({ contender }) => contender === 'hearth');
    expect(lines.map(({ connections }) => connections)).toEqual([1, 16]);
    for (const line of lines) {
      expect(line.requests).toBeGreaterThan(10);
      expect(line.p99Ms).toBeGreaterThanOrEqual(Number(line.p50Ms));
      expect(line.containers).toBeGreaterThan(0);
    }
  }, 90_000);

  it('stopped by Ctrl-C it leaves nothing behind', async () => {
    const { child, ended, printed } = bench('--seconds', '60', '--only', 'runtime,hearth');
    await until('it measures', () => printed().includes('warming up'), 60_000);
    expect(directory.processes().length).toBeGreaterThan(3);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(printed()).toContain('stopped by SIGINT');
  }, 120_000);

  it('stopped while it starts its contenders it leaves nothing behind either', async () => {
    const { child, ended } = bench('--seconds', '60', '--only', 'runtime,hearth');
    await until('it starts', () => directory.processes().length > 3, 60_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(130);
  }, 120_000);

  it('ends in order when nobody reads its output any more', async () => {
    const { child, ended } = bench('--seconds', '0.1', '--rounds', '1', '--only', 'node,runtime');
    child.stdout?.destroy();
    expect(await ended).toBe(1);
  }, 60_000);

  it('a wrong option is one sentence and exit code 2', async () => {
    const { ended, printed } = bench('--seconds', 'x');
    expect(await ended).toBe(2);
    expect(printed()).toBe('bench: --seconds is "x"; give a number of at least 0.1\n');
  });
});

describe('the load', () => {
  /** In a process of its own, since jest cannot import its module. */
  async function driven(port: number): Promise<{ requests: number; errors: number; firstError?: string }> {
    const load = { ports: [port], path: '/run', body: '{"id":"{{id}}"}', connections: 4, seconds: 0.5 };
    const script = `import { drive } from ${JSON.stringify(join(root, 'test/bench/load.mjs'))}; console.log(JSON.stringify(await drive(${JSON.stringify(load)})))`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return JSON.parse(text) as { requests: number; errors: number };
  }

  it('counts good answers, refusals and lost connections apart', async () => {
    const seen = { good: 0, refused: 0, lost: 0, ids: new Set<string>() };
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.ids.add((JSON.parse(body) as { id: string }).id);
        const turn = Math.random();
        if (turn < 0.05) {
          seen.lost += 1;
          request.socket.destroy();
        } else if (turn < 0.2) {
          seen.refused += 1;
          response.writeHead(403, { 'content-length': 7 }).end('refused');
        } else {
          seen.good += 1;
          // In two pieces, as any answer may come.
          response.writeHead(200, { 'content-length': 4 }).write('go');
          setImmediate(() => response.end('od'));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const measured = await driven((server.address() as AddressInfo).port);
      expect(measured.requests).toBe(seen.good);
      expect(measured.errors).toBe(seen.refused + seen.lost);
      expect(measured.firstError).toMatch(/refused|closed|ECONNRESET/);
      expect([...seen.ids].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
      expect(seen.ids.size).toBeGreaterThan(10);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
