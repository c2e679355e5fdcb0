// What `hearth --help` and `hearth start --help` print.
import { oldestNode } from './node-version.mjs';

export function usage() {
  return `Usage: hearth <command>

Commands:
  start      install and build what is missing, start Hearth here, stop it with Ctrl-C (\`npm start\` does the same)

Options:
  --help     this text; after a command, the settings of that command
  --version  the version of Hearth

Needs Node ${oldestNode} or newer.
`;
}

/** The table of bin/settings.json as text. */
export function startHelp(settings) {
  const entries = settings.map(
    ({ name, default: value, text }) => `  ${name}${value === undefined ? '' : ` (${value})`}\n      ${text}\n`,
  );
  return `Usage: hearth start

Starts controller, scheduler and invoker agent on this machine and prints how to reach them. Settings are environment variables:

${entries.join('')}
Limits are set by LIMIT_ variables, e.g. LIMIT_SUSPEND_GRACE_MS=5; docs/operations.md lists all of them.
`;
}
