// What `hearth --help`, `hearth start --help` and `hearth cluster --help` print.
import { oldestNode } from './node-version.mjs';

export function usage() {
  return `Usage: hearth <command>

Commands:
  start      install and build what is missing, start Hearth here, stop it with Ctrl-C (\`npm start\` does the same)
  cluster    start several schedulers, controllers and agents here, for trying (\`npm run cluster\` does the same)

Options:
  --help     this text; after a command, the settings of that command
  --version  the version of Hearth

Needs Node ${oldestNode} or newer.
`;
}

/** The table of bin/settings.json as text. */
const table = (settings) =>
  settings
    .map(({ name, default: value, text }) => `  ${name}${value === undefined ? '' : ` (${value})`}\n      ${text}\n`)
    .join('');

const limits = `Limits are set by LIMIT_ variables, e.g. LIMIT_SUSPEND_GRACE_MS=5; docs/operations.md lists all of them.
`;

export function startHelp(settings) {
  const ofCluster = ({ name }) => name.startsWith('CLUSTER_') && name !== 'CLUSTER_SECRET';
  return `Usage: hearth start

Starts controller, scheduler and invoker agent on this machine and prints how to reach them. Settings are environment variables:

${table(settings.filter((setting) => !ofCluster(setting)))}
${limits}`;
}

export function clusterHelp(settings) {
  const apply = (name) => /^(CLUSTER_|HEARTH_|REDIS_URL|KINDS|NODE_MEMORY_MB|LOG_LEVEL)/.test(name);
  return `Usage: hearth cluster

Starts schedulers, controllers and invoker agents on this machine, two of each, and prints where they listen: from 127.0.0.1:3233 on, the second of each
10 ports above the first. They use the Redis of REDIS_URL, or a private redis-server from the PATH. Settings are environment variables:

${table(settings.filter(({ name }) => apply(name)))}
${limits}`;
}
