// `hearth start`: installs and builds what is missing, then hands over to the compiled supervisor in this same process.
//
// Guarantees: whatever goes wrong before the apps run is one sentence on stderr and exit code 1, and nothing is left running.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installIfNeeded } from './install.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

export async function start(root) {
  try {
    installIfNeeded(root, say);
    const { build } = await import('../tools/build.mjs');
    if (build()) say('built dist/');
  } catch (error) {
    say(`cannot prepare the start: ${error.message}`);
    process.exitCode = 1;
    return;
  }
  const { superviseHearth } = createRequire(import.meta.url)(join(root, 'dist/libs/supervisor/src/index.js'));
  process.exitCode = await superviseHearth({
    root,
    version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    settings: JSON.parse(readFileSync(join(root, 'bin/settings.json'), 'utf8')),
  });
}
