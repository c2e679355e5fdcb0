// What admin shows of the core, row by row.
import type { admin } from '#protocol';
import { type Container, stemKey } from './core/container';
import { supplyOf } from './core/demand';
import type { Node } from './core/node';
import type { CoreView } from './core/scheduler-core';

const whole = (ms: number): number => Math.max(0, Math.round(ms));

/** By their ids, so that a listing looks the same whoever leads and whoever came first. */
export function nodeRows(view: CoreView | undefined): admin.Node[] {
  if (!view) return [];
  const { nowMs } = view;
  const nodes = [...view.nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return nodes.map((node) => ({
    id: node.id,
    agentUrl: node.agentUrl,
    state: node.state,
    cordoned: node.isCordoned,
    memoryMb: node.memoryMb,
    memoryUsedMb: node.usedMb,
    containers: node.containers.size,
    creating: node.creating,
    driver: node.driver,
    heartbeatAgeMs: whole(nowMs - node.heartbeatMs),
    draining: node.isDraining,
    busy: busyOf(node),
    broken: node.isBroken,
  }));
}

/** In which something runs, or nobody has said that nothing does. */
function busyOf(node: Node): number {
  let busy = 0;
  for (const { state } of node.containers) if (['busy', 'unclaimed', 'retiring', 'binding'].includes(state)) busy += 1;
  return busy;
}

/** As the admin protocol calls the states; an unclaimed one counts as busy, a parked one is anybody's. */
function stateName({ state }: Container): string {
  if (state === 'unclaimed') return 'busy';
  return state === 'parked' ? 'free' : state;
}

export function containerRows(
  { containers, nowMs }: CoreView,
  nodeId: string,
  actionKey: string,
): admin.ContainerRow[] {
  const rows: admin.ContainerRow[] = [];
  for (const container of containers.values()) {
    if (nodeId !== '' && container.node.id !== nodeId) continue;
    if (actionKey !== '' && container.note?.actionKey !== actionKey) continue;
    const isIdle = ['free', 'suspended', 'parked', 'stem-cell'].includes(container.state);
    rows.push({
      id: container.id,
      nodeId: container.node.id,
      kind: container.kind,
      memoryMb: container.memoryMb,
      state: stateName(container),
      owner: container.owner?.controllerId ?? '',
      actionKey: container.note?.actionKey ?? '',
      grantId: container.note?.grantId ?? '',
      idleMs: isIdle ? whole(nowMs - container.lastUsedMs) : 0,
    });
  }
  return rows;
}

export function sessionRows({ sessions }: CoreView): admin.Session[] {
  return sessions.map(({ owner, generation, address, demands }) => ({
    controllerId: owner.controllerId,
    incarnation: owner.incarnation,
    generation,
    address,
    containers: owner.containers.size,
    demands: demands.size,
  }));
}

export function demandRows({ sessions, nowMs }: CoreView): admin.DemandRow[] {
  return sessions.flatMap(({ owner, demands }) =>
    [...demands.values()]
      .filter(({ waiting }) => waiting > 0)
      .map((demand) => ({
        controllerId: owner.controllerId,
        actionKey: demand.actionKey,
        waiting: demand.waiting,
        inFlight: demand.inFlight,
        owned: demand.owned,
        creating: supplyOf(demand),
        ageMs: whole(nowMs - demand.sinceMs),
      })),
  );
}

export function stemCellRows({ stock, nodes }: CoreView): admin.StemCells[] {
  return stock.lines.map(({ kind, memoryMb, count, configured, isSetByOperator }) => {
    let [ready, creating] = [0, 0];
    for (const { stemCells } of nodes.values()) {
      for (const { state } of stemCells.get(stemKey(kind, memoryMb)) ?? []) {
        if (state === 'stem-cell') ready += 1;
        else creating += 1;
      }
    }
    return { kind, memoryMb, count, configured, setByOperator: isSetByOperator, ready, creating };
  });
}
