// `npm test`: installs what is missing, builds, runs all tests, and says what could not run and why.
//
//   npm test                        everything
//   npm test -- libs/store          what lies below a path; all other words go to jest as well
//   npm run test:long               the long ones, test/**/*.long.ts
//
// HEARTH_TEST_INSTALL=0   installs no Debian packages
// HEARTH_TEST_COUNTS=file leaves {passed, failed, notRun} there
// CI=true                 counts what could not run as failed
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installIfNeeded } from '../bin/install.mjs';
import { nodeComplaint } from '../bin/node-version.mjs';
import { needs, settleNeeds } from './test/needs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`test: ${line}\n`);

/** One run of jest; answers its counts. A run that ends without a report counts as one failure. */
function runJest(words, isLong) {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-counts-'));
  const counts = join(directory, 'counts.json');
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/jest/bin/jest.js'),
        // Paths come first: behind a list option they would count as its values.
        ...words,
        '--reporters=default',
        `--reporters=${join(root, 'tools/test/counts-reporter.cjs')}`,
        // A failed test may leave a process that keeps jest waiting for ever: its failure is what counts.
        '--forceExit',
      ],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, HEARTH_TEST_COUNTS: counts, ...(isLong && { HEARTH_TEST_LONG: '1' }) },
      },
    );
    try {
      const found = JSON.parse(readFileSync(counts, 'utf8'));
      return status !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found;
    } catch (error) {
      say(`jest left no report (exit code ${status}): ${error.message}`);
      return { passed: 0, failed: status === 0 && words.includes('--passWithNoTests') ? 0 : 1, notRun: [] };
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function main(words) {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint !== undefined) throw new Error(complaint);
  const isLong = words.includes('--long');
  const passedOn = words.filter((word) => word !== '--long');
  installIfNeeded(root, say);
  return import('./build.mjs').then(({ build }) => {
    if (build()) say('built dist/');
    const unmet = settleNeeds(needs, { env: process.env, isRoot: process.getuid?.() === 0, say });
    const ignored = unmet.flatMap(({ suites }) => suites.map((suite) => `--testPathIgnorePatterns=${suite}`));
    // Units share the cores; systems start processes and measure time, so they run one after the other.
    const runs = isLong
      ? [['--selectProjects', 'system', '--runInBand']]
      : passedOn.some((word) => word.startsWith('--selectProjects'))
        ? [['--runInBand']]
        : [
            ['--selectProjects', 'unit', '--maxWorkers=2', '--passWithNoTests'],
            ['--selectProjects', 'system', '--runInBand', '--passWithNoTests'],
          ];
    const total = {
      passed: 0,
      failed: 0,
      notRun: unmet.map(({ suites, reason }) => `${suites.join(', ')}: ${reason}`),
    };
    for (const run of runs) {
      const { passed, failed, notRun } = runJest([...passedOn, ...ignored, ...run], isLong);
      total.passed += passed;
      total.failed += failed;
      total.notRun.push(...notRun);
    }
    for (const line of total.notRun) say(`not run: ${line}`);
    if (process.env.CI === 'true') total.failed += total.notRun.length;
    if (process.env.HEARTH_TEST_COUNTS) writeFileSync(process.env.HEARTH_TEST_COUNTS, JSON.stringify(total));
    say(`${total.passed} passed, ${total.failed} failed, ${total.notRun.length} not run`);
    return total.failed === 0 ? 0 : 1;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
