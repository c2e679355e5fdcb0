// Measures the workload driver against its own schedule. The figure is the lateness of requests (sent - due), as the driver itself records it; the latency beside it
// shows that nothing waits elsewhere.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, target, targetLine } from '../figures.mjs';
import { busyShare, busyShareMax, machine } from '../machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const hearth = join(here, '../../../bin/hearth.mjs');
const p99MostMs = 1;
/** In which V8 compiles what is called and connections are opened; counted apart, and printed. */
const leadInMs = 3_000;

export async function runWorkloadBench({ rate, seconds, rounds, json, say }) {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-bench-workload-'));
  const host = spawn(process.execPath, [join(here, 'quick-api-host.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const busy = await busyShare();
    say(
      `others keep ${Math.round(busy * 100)} % of the machine busy${busy > busyShareMax ? ': repeat it when they do not' : ''}`,
    );
    const port = Number(String((await once(host.stdout, 'data'))[0]));
    const file = join(directory, 'schedule.yaml');
    writeFileSync(
      file,
      [
        'name: schedule',
        'order: sequence',
        'scenarios:',
        `  - { name: lead-in, durationMs: ${leadInMs}, arrivals: { constant: { perSecond: ${rate} } } }`,
        `  - { name: schedule, durationMs: ${seconds * 1_000}, arrivals: { constant: { perSecond: ${rate} } } }`,
      ].join('\n'),
    );
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      const out = join(directory, String(round));
      const words = ['workload', 'run', file, '--quiet', '--apihost', `http://127.0.0.1:${port}`, '--out', out];
      const driver = spawn(process.execPath, [hearth, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      driver.stderr.on('data', (text) => (said += text));
      const [code] = await once(driver, 'exit');
      if (code !== 0) throw new Error(`the driver ended with ${code}: ${said}`);
      const [leadIn, measured] = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).scenarios;
      results.push(measured);
      const late = measured.lateness.percentilesMs;
      say(
        `round ${round + 1}: ${measured.requests} requests, ${measured.outcomes.ok} ok, late p50 ${late['50']} ms, p99 ${late['99']} ms, p99.9 ${late['99.9']} ms, max ${measured.lateness.maxMs.toFixed(2)} ms; latency p50 ${measured.latency.percentilesMs['50']} ms, p99 ${measured.latency.percentilesMs['99']} ms; lead-in late p99 ${leadIn.lateness.percentilesMs['99']} ms`,
      );
    }
    const p99Ms = median(results.map(({ lateness }) => lateness.percentilesMs['99']));
    const missing = results.reduce((sum, { requests, outcomes }) => sum + requests - outcomes.ok, 0);
    if (json) writeFileSync(json, JSON.stringify({ machine: machine(), busy, rate, seconds, results }, undefined, 2));
    say(targetLine(target(`driver-late-p99-at-${rate}`, p99Ms, '<=', p99MostMs, ' ms')));
    say(targetLine(target('driver-errors', missing, '<=', 0, '')));
  } finally {
    host.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}
