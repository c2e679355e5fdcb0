// `hearth check` and `hearth simulate`: hand over to the compiled simulation, which is built first where it is missing or old.
//
// Guarantees: a reader that goes away (| head) ends it quietly; whatever goes wrong is one sentence on stderr and a non-zero exit code.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare } from './start.mjs';

/** `file` of dist/test/simulation exports `run`, which answers the exit code. */
export async function simulation(root, file, run, words) {
  if (!(await prepare(root))) return;
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const command = createRequire(import.meta.url)(join(root, 'dist/test/simulation', file));
  process.exitCode = await command[run](words, { out: (text) => process.stdout.write(text) });
}
