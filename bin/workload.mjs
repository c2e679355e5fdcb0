// `hearth workload`: hands over to the compiled command, which is built first where it is missing or old.
//
// Guarantees: whatever goes wrong is one sentence on stderr and a non-zero exit code; a reader that goes away (| head) ends it quietly; Ctrl-C reaches the command,
// which removes what it made.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare } from './start.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

export async function workload(root, words) {
  if (!(await prepare(root))) return;
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const require = createRequire(import.meta.url);
  const { runWorkload } = require(join(root, 'dist/libs/workload-command/src/index.js'));
  // What a driver is late by is its own fault and not the host's.
  require(join(root, 'dist/libs/lifecycle/src/index.js')).helpersYield();
  const onStop = (stop) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
    return () => ['SIGINT', 'SIGTERM'].forEach((signal) => process.off(signal, stop));
  };
  try {
    const out = (text) => process.stdout.write(text);
    process.exitCode = await runWorkload(words, { env: process.env, root, out, say, view: process.stderr, onStop });
  } catch (error) {
    say(`workload failed: ${error.message}`);
    process.exitCode = 1;
  }
}
