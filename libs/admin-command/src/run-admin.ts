// Runs one command of `hearth admin` and says how it went by its exit code: 0 done, 1 not done, 2 not understood.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '#clock';
import type { admin } from '#protocol';
import { type CommandLine, type CommandName, readCommandLine } from './command-line';
import { AdminFailure } from './failure';
import { LeaderClient } from './leader-client';
import {
  actionRows,
  actionTable,
  containerTable,
  controllerTable,
  demandTable,
  json,
  nodeTable,
  stemCellTable,
} from './listings';
import { clusterStatus, statusText } from './status';
import { watchEvents } from './watch-events';
import { findWhereabouts } from './whereabouts';

/** Where results and remarks go. */
export interface Terminal {
  out(text: string): void;
  say(text: string): void;
}

interface Context {
  readonly client: LeaderClient;
  readonly line: CommandLine;
  readonly terminal: Terminal;
  /** The value as JSON, or as text. */
  readonly print: (value: unknown, text: string) => void;
}

const drainLookMs = 500;

const listContainers = ({ client, line }: Context): Promise<admin.ListContainersReply> =>
  client.ask((one) => one.listContainers, { nodeId: line.node, actionKey: '' });

async function containers(context: Context): Promise<void> {
  const reply = await listContainers(context);
  const found = reply.containers.filter(({ actionKey }) => actionKey.includes(context.line.action));
  context.print(found, containerTable(found));
}

async function actions(context: Context): Promise<void> {
  const [{ containers: found }, { demands }] = await Promise.all([
    listContainers(context),
    context.client.ask((one) => one.listDemands, {}),
  ]);
  const rows = actionRows(found, demands);
  context.print(rows, actionTable(rows));
}

async function drain(context: Context): Promise<void> {
  const { client, line, terminal, print } = context;
  const nodeId = line.words[0]!;
  const { node } = await client.ask((one) => one.drain, { nodeId });
  if (!line.isWaiting) {
    const left = `${node?.containers ?? 0} containers left, ${node?.busy ?? 0} of them busy`;
    return print(node, `${nodeId} is draining: ${left}. \`hearth admin uncordon ${nodeId}\` gives it back.\n`);
  }
  for (let last = ''; ; await pause(drainLookMs)) {
    const { nodes } = await client.ask((one) => one.listNodes, {});
    // A new leader knows it from its first heartbeat on.
    const found = nodes.find(({ id }) => id === nodeId);
    if (!found || found.state === 'gone') continue;
    if (!found.draining) throw new AdminFailure(`${nodeId} was given back meanwhile, so it is not drained.`);
    if (found.containers === 0) return print(found, `${nodeId} is drained.\n`);
    const progress = `${nodeId}: ${found.containers} containers left, ${found.busy} of them busy`;
    if (progress !== last) terminal.say(progress);
    last = progress;
  }
}

async function setStemCells({ client, line, print }: Context, asConfigured: boolean): Promise<void> {
  const [kind = '', memoryMb, count = 0] = line.words;
  const order = { kind, memoryMb: Number(memoryMb), count: Number(count), asConfigured };
  const { stemCells } = await client.ask((one) => one.setStemCells, order);
  print(stemCells, stemCellTable(stemCells));
}

const run: Record<CommandName, (context: Context) => Promise<void>> = {
  status: async ({ client, print }) => {
    const found = await clusterStatus(client);
    print(found, statusText(found));
  },
  nodes: async ({ client, print }) => {
    const { nodes } = await client.ask((one) => one.listNodes, {});
    print(nodes, nodeTable(nodes));
  },
  containers,
  actions,
  controllers: async ({ client, print }) => {
    const { sessions } = await client.ask((one) => one.listSessions, {});
    print(sessions, controllerTable(sessions));
  },
  demands: async ({ client, print }) => {
    const { demands } = await client.ask((one) => one.listDemands, {});
    print(demands, demandTable(demands));
  },
  cordon: async ({ client, line, print }) => {
    const nodeId = line.words[0]!;
    const { node } = await client.ask((one) => one.cordon, { nodeId });
    print(
      node,
      `${nodeId} is cordoned: it gets no new containers. \`hearth admin uncordon ${nodeId}\` gives it back.\n`,
    );
  },
  uncordon: async ({ client, line, print }) => {
    const nodeId = line.words[0]!;
    const { node } = await client.ask((one) => one.uncordon, { nodeId });
    print(node, `${nodeId} takes containers again.\n`);
  },
  drain,
  evict: async ({ client, line, print }) => {
    const containerId = line.words[0]!;
    await client.ask((one) => one.evictContainer, { containerId });
    print({ containerId }, `${containerId} goes as soon as nothing runs in it.\n`);
  },
  'stem-cells': async ({ client, print }) => {
    const { stemCells } = await client.ask((one) => one.listStemCells, {});
    print(stemCells, stemCellTable(stemCells));
  },
  'set-stem-cells': (context) => setStemCells(context, false),
  'reset-stem-cells': (context) => setStemCells(context, true),
  'step-down': async ({ client, print }) => {
    const { schedulerId, epoch } = await client.ask((one) => one.getLeader, {});
    await client.ask((one) => one.stepDown, {}, { once: true });
    print({ schedulerId, epoch }, `${schedulerId} (epoch ${epoch}) stepped down.\n`);
  },
  watch: ({ client, line, terminal }) => watchEvents(client, line.isJson, terminal),
};

/** `root`: the checkout. Answers the exit code. */
export async function runAdmin(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  root: string,
  terminal: Terminal,
): Promise<number> {
  const line = readCommandLine(argv);
  if (typeof line === 'string') {
    terminal.say(line);
    return 2;
  }
  let client: LeaderClient | undefined;
  try {
    const { addresses, token } = findWhereabouts(line, env, root);
    client = new LeaderClient(addresses, token, line.timeoutMs, systemClock);
    const print = (value: unknown, text: string): void => terminal.out(line.isJson ? json(value, 2) : text);
    await run[line.command]({ client, line, terminal, print });
    return 0;
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    terminal.say(error.message);
    return 1;
  } finally {
    client?.close();
  }
}
