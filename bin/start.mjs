// `hearth start` and `hearth cluster`: installs and builds what is missing, then hands over to the compiled supervisor in this same process.
//
// Guarantees: whatever goes wrong before the apps run is one sentence on stderr and exit code 1, and nothing is left running.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installIfNeeded } from './install.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

/** Installs and builds what is missing. False if that failed, which it has said. */
export async function prepare(root) {
  try {
    installIfNeeded(root, say);
    const { build } = await import('../tools/build.mjs');
    if (build()) say('built dist/');
    return true;
  } catch (error) {
    say(`cannot prepare the start: ${error.message}`);
    process.exitCode = 1;
    return false;
  }
}

/** `supervise` names the function of libs/supervisor that takes over. */
export async function start(root, supervise) {
  if (!(await prepare(root))) return;
  const supervisor = createRequire(import.meta.url)(join(root, 'dist/libs/supervisor/src/index.js'));
  process.exitCode = await supervisor[supervise]({
    root,
    version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    settings: JSON.parse(readFileSync(join(root, 'bin/settings.json'), 'utf8')),
  });
}
