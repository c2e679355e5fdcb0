// Reads the command line of `hearth` and runs the one command that it names.
//
// Guarantees: an unknown command or option is one sentence and exit code 2; help needs nothing installed and starts nothing.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHelp, usage } from './help.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isHelp = (word) => word === '--help' || word === '-h' || word === 'help';

function refuse(sentence) {
  process.stderr.write(`hearth: ${sentence}\n`);
  process.exitCode = 2;
}

/** Runs the command of these words. */
export async function runCommand([command, ...options]) {
  if (command === undefined || isHelp(command)) {
    process.stdout.write(usage());
  } else if (command === '--version') {
    process.stdout.write(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
  } else if (command !== 'start') {
    refuse(`there is no command "${command}"; see hearth --help.`);
  } else if (options.some(isHelp)) {
    process.stdout.write(startHelp(JSON.parse(readFileSync(join(root, 'bin/settings.json'), 'utf8'))));
  } else if (options.length > 0) {
    refuse(`start takes no "${options[0]}"; settings are environment variables, see hearth start --help.`);
  } else {
    const { start } = await import('./start.mjs');
    await start(root);
  }
}
