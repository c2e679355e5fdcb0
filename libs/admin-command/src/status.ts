// `hearth admin status`: who leads, who stands by, and the whole cluster in a few lines.
import { type ServiceError, status } from '@grpc/grpc-js';
import type { admin } from '#protocol';
import { type LeaderClient, sentenceOf } from './leader-client';
import { nodeState } from './listings';
import { alignedTable, duration } from '#terminal';

export interface SchedulerRow {
  readonly address: string;
  readonly role: string;
}

export interface ClusterStatus {
  readonly leader: admin.Leader;
  readonly schedulers: readonly SchedulerRow[];
  readonly nodes: Readonly<Record<string, number>>;
  readonly memoryMb: number;
  readonly memoryUsedMb: number;
  readonly containers: Readonly<Record<string, number>>;
  readonly controllers: number;
  readonly waiting: number;
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}

async function roleOf(client: LeaderClient, address: string): Promise<SchedulerRow> {
  try {
    const { schedulerId } = await client.call(address, (one) => one.getLeader, {});
    return { address, role: `${schedulerId} leads` };
  } catch (thrown) {
    const error = thrown as ServiceError;
    return { address, role: error.code === status.FAILED_PRECONDITION ? 'stands by' : sentenceOf(error) };
  }
}

export async function clusterStatus(client: LeaderClient): Promise<ClusterStatus> {
  const leader = await client.ask((one) => one.getLeader, {});
  const [{ nodes }, { containers }, { sessions }, { demands }] = await Promise.all([
    client.ask((one) => one.listNodes, {}),
    client.ask((one) => one.listContainers, { nodeId: '', actionKey: '' }),
    client.ask((one) => one.listSessions, {}),
    client.ask((one) => one.listDemands, {}),
  ]);
  const addresses = new Set([...client.addresses, client.current]);
  const here = nodes.filter(({ state }) => state !== 'gone');
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    leader,
    schedulers: await Promise.all([...addresses].map((address) => roleOf(client, address))),
    nodes: countBy(nodes, nodeState),
    memoryMb: sum(here.map(({ memoryMb }) => memoryMb)),
    memoryUsedMb: sum(here.map(({ memoryUsedMb }) => memoryUsedMb)),
    containers: countBy(containers, ({ state }) => state),
    controllers: sessions.length,
    waiting: sum(demands.map(({ waiting }) => waiting)),
  };
}

function counted(counts: Readonly<Record<string, number>>): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return total === 0 ? '0' : `${total} (${parts.join('; ')})`;
}

export function statusText({ leader, schedulers, ...found }: ClusterStatus): string {
  const lines: [string, string][] = [
    ['leader', `${leader.schedulerId}, epoch ${leader.epoch}, for ${duration(Number(leader.leadingMs))}`],
    ['nodes', counted(found.nodes)],
    ['memory', `${found.memoryUsedMb} of ${found.memoryMb} MB in use`],
    ['containers', counted(found.containers)],
    ['controllers', String(found.controllers)],
    ['waiting', String(found.waiting)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  const facts = lines.map(([name, text]) => `${name.padEnd(width)}${text}\n`).join('');
  return `${facts}\n${alignedTable(
    ['SCHEDULER', 'ROLE'],
    schedulers.map(({ address, role }) => [address, role]),
  )}`;
}
