// `hearth user` and `hearth limits`: hands over to the compiled command; builds it first only where nothing is built.
//
// Guarantees: whatever goes wrong is one sentence on stderr and a non-zero exit code; a reader that goes away (| head) ends it quietly.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare } from './start.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

export async function identity(root, menu, words) {
  const compiled = join(root, 'dist/libs/identity-command/src/index.js');
  if (!existsSync(compiled) && !(await prepare(root))) return;
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    const { runIdentity } = createRequire(import.meta.url)(compiled);
    const terminal = { out: (text) => process.stdout.write(text), say };
    process.exitCode = await runIdentity(menu, words, process.env, root, terminal);
  } catch (error) {
    say(`${menu} failed: ${error.message}`);
    process.exitCode = 1;
  }
}
