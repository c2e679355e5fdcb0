// `hearth admin`: hands over to the compiled command; builds it first only where nothing is built, since a cluster may be running from
// this checkout.
//
// Guarantees: whatever goes wrong is one sentence on stderr and a non-zero exit code; a reader that goes away (| head) ends it quietly.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare } from './start.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

export async function admin(root, words) {
  const compiled = join(root, 'dist/libs/admin-command/src/index.js');
  if (!existsSync(compiled) && !(await prepare(root))) return;
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    const { runAdmin } = createRequire(import.meta.url)(compiled);
    process.exitCode = await runAdmin(words, process.env, root, { out: (text) => process.stdout.write(text), say });
  } catch (error) {
    say(`admin failed: ${error.message}`);
    process.exitCode = 1;
  }
}
