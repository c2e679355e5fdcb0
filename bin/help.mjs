// What `hearth --help` prints, and the help of each command.
import { oldestNode } from './node-version.mjs';

export function usage() {
  return `Usage: hearth <command>

Commands:
  start      install and build what is missing, start Hearth here, stop it with Ctrl-C (\`npm start\` does the same)
  cluster    start several schedulers, controllers and agents here, for trying (\`npm run cluster\` does the same)
  migrate    bring the database of DATABASE_URL, or of the data directory, to the schema of this version; the apps do it, too, when they start
  admin      ask and tell the leading scheduler (\`npm run admin -- …\` does the same)
  workload   drive an API host with a workload, report what was measured (\`npm run workload -- …\` does the same)
  user       subjects, their namespaces and keys, as wskadmin has it
  limits     what a namespace may do, as wskadmin has it
  simulate   run a workload file on a simulated cluster, with any policy
  check      look for a promise that the cluster breaks under faults, in simulated time (\`npm run check -- …\` does the same)

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
  const apply = (name) => /^(CLUSTER_|HEARTH_|DATABASE_URL|REDIS_URL|KINDS|NODE_MEMORY_MB|LOG_LEVEL)/.test(name);
  return `Usage: hearth cluster

Starts schedulers, controllers and invoker agents on this machine, two of each, and prints where they listen: from 127.0.0.1:3233 on, the second of each
10 ports above the first. They use the Redis of REDIS_URL, or a private redis-server from the PATH. Settings are environment variables:

${table(settings.filter(({ name }) => apply(name)))}
${limits}`;
}

export function simulateHelp() {
  return `Usage: hearth simulate FILE [options]

Runs a workload file on a simulated cluster, with the real code of scheduler, controllers and agents, and prints the tables of a real run.

Options:
  --policy LIST        fixed, lru, greedy-dual, hybrid-histogram: one run each, and a table and a plot of cold starts against wasted memory (fixed)
  --placement NAME     where new containers go (least-loaded)
  --nodes N            (1)
  --node-memory-mb MB  of each node (2048)
  --controllers N      (1)
  --stem-cells N       prewarmed containers of nodejs:20 and 256 MB on each node (2)
  --keep-minutes LIST  of the policy fixed, one run each (10)
  --seed N             instead of the file's
  --agent-bench FILE   what bench:agent or bench:reality left as --json: durations are fitted to it; the latter has containers share cores, too
  --driver NAME        which of its drivers (process)
  --out DIR            where reports go: report.html and result.json, of each policy and of all (workload-results/NAME-simulated)
  --plots svg,png      each plot as a file of its own, too
  --json FILE          leaves the result there
  --count              simulate nothing: count on the arrivals what --keep-minutes and the published hybrid histogram would cost

Exit code: 0 done, 1 a file cannot be used, 2 not understood.
`;
}

export function checkHelp() {
  return `Usage: hearth check [options]

Runs simulated clusters, two controllers, two schedulers and two agents each, with the real code of all three and faults of every kind, and looks after
every step for a promise that is broken. A seed that breaks one is made as short as possible, printed with its transcript, and can be run again.

Options:
  --seeds N         how many seeds (300)
  --from N          the first of them (1)
  --seed N          only that one, with its whole transcript
  --faults LIST     with --seed: only these of its faults, by number; none for none
  --requests LIST   with --seed: only these of its requests
  --salt N          with --seed: another course of everything else
  --json FILE       leaves the counts there
  --no-shrink       prints a found seed as it is

Exit code: 0 nothing found, 1 a promise is broken, 2 not understood.
`;
}

export function adminHelp() {
  return `Usage: hearth admin <command> [options]

Asks the scheduler that leads, wherever that is: standbys are followed to the leader, a failover is waited for.

See:
  status                            who leads, who stands by, nodes, memory, containers
  nodes                             each node: its state, containers, memory
  containers [--node N] [--action TEXT]
                                    each container: where, whose, in which state; TEXT is a part of the action key
  actions                           each action key: its containers, and how many invocations wait (also: keys)
  controllers                       each connected controller
  demands                           what waits, by controller and action key
  stem-cells                        how many prewarmed containers are wanted and there
  watch                             events as they happen, over changes of the leader, until Ctrl-C

Tell:
  cordon NODE                       no new containers there
  drain NODE [--wait]               cordon, let what runs finish, remove what is there; --wait tells the progress until it is done
  uncordon NODE                     give it back: ends a cordon and a drain (also: return)
  evict CONTAINER                   remove one container as soon as nothing runs in it
  stem-cells set KIND MB COUNT      keep COUNT prewarmed containers on each node; holds for every later leader too
  stem-cells reset KIND MB          as many as the runtimes manifest says
  step-down                         let a standby lead

Options:
  --json                            JSON instead of a table (watch: one line for each event)
  --address HOST:PORT[,…]           admin ports of schedulers; else ADMIN_ADDRESS, else those of the data directory, else 127.0.0.1:3236
  --data-dir DIR                    data directory of a Hearth on this machine; else HEARTH_DATA_DIR, else .hearth in the checkout
  --timeout SECONDS                 how long to look for a leader (10)

The token is ADMIN_TOKEN of the environment, else the one in secrets.json of the data directory.
Exit code: 0 done, 1 not done (one sentence says why), 2 not understood.
`;
}

export function workloadHelp() {
  return `Usage: hearth workload <command> [options]

Drives an OpenWhisk API host with a workload and reports latency, starts, containers and errors. What it makes there is removed at the end, also after Ctrl-C.

Commands:
  run FILE            run a workload file, or a ready-made workload by its name
  list [NAME]         the ready-made workloads, or one of them in more words
  compare A B         two results (result.json) side by side
  merge A B ...       results of one workload, of several drivers or runs, as one: nothing of their distributions is lost
  report RESULT       tables and report.html again, from a result.json

Options of run:
  --apihost URL       http://host:port; else WORKLOAD_APIHOST, else the Hearth of the data directory, else http://127.0.0.1:3233
  --auth USER:PASS    credential; else WORKLOAD_AUTH (which other users cannot read), else OpenWhisk's public development credential
  --insecure          do not check the host's certificate
  --seed N            instead of the file's
  --prefix TEXT       begins the names of its actions (workload- and six random digits)
  --callback-listen HOST:PORT   where actions call back, for completion: callback (127.0.0.1:0, any free port)
  --callback-url URL  ws://host:port under which actions reach that, if it is another one
  --data-dir DIR      data directory of a Hearth on this machine; else HEARTH_DATA_DIR, else .hearth in the checkout
  --quiet             no live table

Options of run, merge and report:
  --out DIR           where result.json and report.html go (workload-results/NAME-TIME; merge: NAME-merged; report: beside the result)
  --plots svg,png     each plot as a file of its own, too

docs/workloads.md says what a workload file may contain. Exit code: 0 done, 1 not done, 2 not understood, 130 stopped (the report is partial).
`;
}

const identityVerbs = {
  user: `Subjects, their namespaces and keys. The verbs are those of OpenWhisk's wskadmin.

  create SUBJECT [-u UUID:KEY] [-ns NAMESPACE] [-r] [-f]
                                    give a subject a namespace (called like it, unless named) and print the credential, uuid:key;
                                    -r revokes the key that it has there, -f replaces uuid and key
  delete SUBJECT [-ns NAMESPACE]    end a subject, or its key for one namespace; a subject ends with its last namespace
  get SUBJECT [-ns NAMESPACE | -a]  print its credential, for all of its namespaces with -a
  whois UUID:KEY                    whose credential that is
  block SUBJECT…                    let nobody in with its credentials
  unblock SUBJECT…
  list NAMESPACE [-p N | -a] [-k]   credentials of a namespace, one unless said otherwise, with their subjects unless -k

Only hashes of keys are stored, and the keys themselves sealed under CLUSTER_SECRET: without the secret of then they are shown as "?".`,
  limits: `What a namespace may do. The verbs are those of OpenWhisk's wskadmin.

  set NAMESPACE [--invocationsPerMinute N] [--firesPerMinute N] [--concurrentInvocations N] [--allowedKinds KIND…]
                [--enableStoreActivations | --disableStoreActivations]
                [--minActionMemory MB] [--maxActionMemory MB] [--minActionLogs MB] [--maxActionLogs MB]
                [--minActionTimeout MS] [--maxActionTimeout MS] [--minActionConcurrency N] [--maxActionConcurrency N]
                [--maxActionInstances N] [--maxParameterSize SIZE] [--maxPayloadSize SIZE] [--truncationSize SIZE]
                                    what is not named stays as it is; a SIZE is in bytes, or like "512 KB"; none of these
                                    allows more than the system does (LIMIT_ACTION_…, LIMIT_PAYLOAD_BYTES, LIMIT_PARAMETERS_BYTES)
  get NAMESPACE
  delete NAMESPACE                  the system's limits hold again`,
};

export function identityHelp(menu) {
  return `Usage: hearth ${menu} <command> [options]

${identityVerbs[menu]}

They work on the store itself, DATABASE_URL or that of the data directory, whether or not Hearth runs. Running controllers learn of it at once:
those of the data directory within LIMIT_IDENTITIES_MARK_MS, those of a cluster through REDIS_URL.

Options:
  --data-dir DIR                    data directory of a Hearth on this machine; else HEARTH_DATA_DIR, else .hearth in the checkout

The secret is CLUSTER_SECRET of the environment, else the one in secrets.json of the data directory.
Exit code: 0 done, 1 not done, 2 not understood; block and unblock: how many were not found.
`;
}
