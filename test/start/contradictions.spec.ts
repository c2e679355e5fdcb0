// Each app by itself refuses timings that contradict each other: one sentence on stderr, exit code 78, and nothing that listens.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/platform';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hearth-contradictions-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

it.each(['controller', 'scheduler', 'invoker-agent'])('the %s does not start', async (app) => {
  const { PATH = '', HOME = '' } = process.env;
  const some = 'a secret of some length';
  const child = spawn(process.execPath, [join(root, `dist/apps/${app}/src/main.js`)], {
    env: {
      ...{ PATH, HOME, HEARTH_DATA_DIR: directory, CLUSTER_SECRET: some, AGENT_TOKEN: some, ADMIN_TOKEN: some },
      ...{ LIMIT_LEADER_LEASE_MS: '1000', LIMIT_LEADER_RENEW_MS: '900', LIMIT_NODE_GONE_MS: '3000' },
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(78);
  expect(text).toMatch(
    /^[a-z -]+: bad settings\. LIMIT_LEADER_RENEW_MS must be at most half .* LIMIT_NODE_SUSPECTED_MS must be .*\.\n$/,
  );
  expect(readdirSync(directory)).toEqual([]);
});
