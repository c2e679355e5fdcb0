// Reads the command line of `hearth` and runs the one command that it names.
//
// Guarantees: an unknown command or option is one sentence and exit code 2; help needs nothing installed and starts nothing.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  adminHelp,
  checkHelp,
  simulateHelp,
  clusterHelp,
  identityHelp,
  startHelp,
  usage,
  workloadHelp,
} from './help.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Commands that start something, with the text of their help and the supervisor's function that they run. */
const starts = {
  start: { help: startHelp, supervise: 'superviseHearth' },
  cluster: { help: clusterHelp, supervise: 'superviseCluster' },
};
/** Commands of the simulated cluster, with the compiled file and its function. */
const simulations = {
  check: { help: checkHelp, file: 'check.js', run: 'runCheck' },
  simulate: { help: simulateHelp, file: 'simulate-command.js', run: 'runSimulate' },
};
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
  } else if (command === 'migrate') {
    if (options.some(isHelp)) process.stdout.write(usage());
    else if (options.length > 0) refuse(`migrate takes no "${options[0]}"; see hearth --help.`);
    else await (await import('./migrate.mjs')).migrate(root);
  } else if (command === 'admin') {
    if (options.length === 0 || isHelp(options[0]) || options.some((word) => word === '--help' || word === '-h')) {
      process.stdout.write(adminHelp());
    } else {
      const { admin } = await import('./admin.mjs');
      await admin(root, options);
    }
  } else if (command === 'workload') {
    if (options.length === 0 || isHelp(options[0]) || options.some((word) => word === '--help' || word === '-h')) {
      process.stdout.write(workloadHelp());
    } else {
      const { workload } = await import('./workload.mjs');
      await workload(root, options);
    }
  } else if (command === 'user' || command === 'limits') {
    if (options.length === 0 || isHelp(options[0]) || options.some((word) => word === '--help' || word === '-h')) {
      process.stdout.write(identityHelp(command));
    } else {
      const { identity } = await import('./identity.mjs');
      await identity(root, command, options);
    }
  } else if (Object.hasOwn(simulations, command)) {
    const { help, file, run } = simulations[command];
    if (options.some((word) => word === '--help' || word === '-h') || isHelp(options[0])) {
      process.stdout.write(help());
    } else {
      const { simulation } = await import('./simulation.mjs');
      await simulation(root, file, run, options);
    }
  } else if (!Object.hasOwn(starts, command)) {
    refuse(`there is no command "${command}"; see hearth --help.`);
  } else if (options.some(isHelp)) {
    process.stdout.write(starts[command].help(JSON.parse(readFileSync(join(root, 'bin/settings.json'), 'utf8'))));
  } else if (options.length > 0) {
    refuse(`${command} takes no "${options[0]}"; settings are environment variables, see hearth ${command} --help.`);
  } else {
    const { start } = await import('./start.mjs');
    await start(root, starts[command].supervise);
  }
}
