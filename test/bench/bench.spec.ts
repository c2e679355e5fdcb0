// The bench itself: what it prints and leaves behind, and that its load counts what really happened. Figures are nobody's business here.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { root } from '../support/platform';
import { until } from '../support/until';
import { BenchDirectory } from './bench-process';

interface Document {
  readonly scenarios: Readonly<Record<string, { readonly rows: Readonly<Record<string, string | number>>[] }>>;
}

describe('npm run bench', () => {
  const directory = new BenchDirectory();
  const bench = (...words: string[]) => directory.start('bench.mjs', words);

  it('measures Hearth beside a bare container, ends with its targets, leaves figures and a report, and compares with them', async () => {
    const [file, html] = [directory.file('bench.json'), directory.file('report.html')];
    const short = ['--seconds', '0.3', '--rounds', '1', '--html', html];
    const first = await directory.run('bench.mjs', [...short, '--only', 'throughput,one-connection', '--json', file]);
    expect([first.code, first.printed]).toEqual([0, expect.stringContaining('Hearth, web action')]);
    const figure = String.raw`(-?[\d.]+|not measured)`;
    for (const line of [
      `target hearth-throughput-of-nginx-at-16: ${figure} \\(>= 0.5\\)`,
      `target runtime-throughput-of-bare-node-at-16: ${figure} \\(>= 0.6\\)`,
      `target hearth-p50-added-at-1: ${figure} ms \\(<= 0.35 ms\\)`,
    ])
      expect(first.printed).toMatch(new RegExp(`^${line} (ok|MISSED)$`, 'm'));
    expect(first.printed).toContain('target hearth-errors: 0 (<= 0) ok');
    const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as Document;
    const row = scenarios.throughput!.rows.find(({ what }) => what === 'Hearth, blocking')!;
    expect(row['requests/s']).toBeGreaterThan(1);
    expect(row['p99 ms']).toBeGreaterThanOrEqual(Number(row['p50 ms']));
    expect(row.containers).toBeGreaterThan(0);
    expect(readFileSync(html, 'utf8')).toContain('<svg');
    const second = await directory.run('bench.mjs', [...short, '--only', 'idle-memory', '--compare', file]);
    expect([second.code, second.printed]).toEqual([0, expect.stringContaining('against bench.json')]);
  }, 180_000);

  it('stopped by Ctrl-C it leaves nothing behind', async () => {
    const { child, ended, printed } = bench(
      '--seconds',
      '60',
      '--only',
      'throughput',
      '--html',
      directory.file('report.html'),
    );
    await until('it measures', () => printed().includes('throughput:'), 60_000);
    await until('Hearth runs', () => directory.processes().length > 5, 60_000);
    expect(directory.processes().length).toBeGreaterThan(3);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(printed()).toContain('stopped by SIGINT');
  }, 120_000);

  it('stopped while it starts its contenders it leaves nothing behind either', async () => {
    const { child, ended } = bench('--seconds', '60', '--only', 'throughput', '--html', directory.file('report.html'));
    await until('it starts', () => directory.processes().length > 3, 60_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(130);
  }, 120_000);

  it('ends in order when nobody reads its output any more', async () => {
    const { child, ended } = bench(
      '--seconds',
      '0.1',
      '--rounds',
      '1',
      '--only',
      'one-connection',
      '--html',
      directory.file('report.html'),
    );
    child.stdout?.destroy();
    expect(await ended).toBe(1);
  }, 120_000);

  it('measures another API host by what any host can be measured by', async () => {
    const host = createServer((request, response) => {
      const body = request.method === 'GET' ? '["guest"]' : '{"activationId":"0"}';
      request.resume().on('end', () => response.writeHead(200, { 'content-length': body.length }).end(body));
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
      const words = [
        '--seconds',
        '0.2',
        '--rounds',
        '1',
        '--only',
        'one-connection,idle-memory',
        '--html',
        directory.file('report.html'),
      ];
      const { code, printed } = await directory.run('bench.mjs', [
        ...words,
        '--apihost',
        url,
        '--auth',
        'user:password',
      ]);
      expect([code, printed]).toEqual([0, expect.stringContaining('target hearth-errors-at-1: 0 (<= 0) ok')]);
      expect(printed).not.toContain('idle-memory:');
    } finally {
      host.closeAllConnections();
      host.close();
    }
  }, 120_000);

  it('a wrong option is one sentence and exit code 2', async () => {
    const { ended, printed } = bench('--seconds', 'x');
    expect(await ended).toBe(2);
    expect(printed()).toBe('bench: --seconds is "x"; give a number of at least 0.1\n');
  });
});

describe('the load', () => {
  /** In a process of its own, since jest cannot import its module. */
  async function driven(port: number): Promise<{ ok: number; errors: number; firstError?: string }> {
    const script = `
      import { Load, plainEndpoint, post } from ${JSON.stringify(join(root, 'test/bench/load.mjs'))};
      const load = new Load({ endpoints: [plainEndpoint(${port})], requests: [post('/run', '{"id":"{{id}}"}')] }, { connections: 4 });
      console.log(JSON.stringify(await load.closed({ users: 4, seconds: 0.5 })));
      load.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return JSON.parse(text) as { ok: number; errors: number };
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
      expect(measured.ok).toBe(seen.good);
      expect(measured.errors).toBe(seen.refused + seen.lost);
      expect(measured.firstError).toMatch(/status 403 refused|disconnected/);
      expect([...seen.ids].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
      expect(seen.ids.size).toBeGreaterThan(10);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
