// When nothing happens any more: everybody agrees on what there is, nobody waits, nothing is leaked.
import type { World } from './world';

const restful = new Set(['stem-cell', 'free', 'suspended', 'parked']);

/** Undefined if the cluster is quiet, else what keeps it from being so. */
export function unrest(world: World): string | undefined {
  const leaders = world.schedulers.filter(({ holds, core }) => holds && core);
  if (leaders.length !== 1) return `${leaders.length} schedulers lead`;
  const [invocation] = world.promises.open.first ?? [];
  if (invocation) return `${invocation.activation} of ${invocation.key} has not ended`;
  const { missing } = world.records;
  if (missing !== undefined) return `a client knows of ${missing}, and there is no record`;
  const [row] = world.store.rows.values();
  if (row) return `${row.activation} is ${row.state} in the queue`;
  const { view } = leaders[0]!.core!;
  for (const { outbox, demands, owner } of view.sessions) {
    if (outbox.size > 0) return `something waits to be said to ${owner.controllerId}`;
    for (const { waiting, inProgress, unsent, actionKey } of demands.values()) {
      if (waiting + inProgress + unsent > 0) return `the leader thinks that ${owner.controllerId} wants ${actionKey}`;
    }
  }
  return nodeUnrest(world) ?? ownerUnrest(world);
}

function nodeUnrest(world: World): string | undefined {
  const { view } = world.leader!.core!;
  for (const { nodeId, ledger, machine } of world.agents) {
    const node = view.nodes.get(nodeId);
    if (!node?.hasInventory || node.state !== 'alive') return `the leader does not know ${nodeId}`;
    if (node.holds.size > 0) return `memory of ${nodeId} is held`;
    const known = new Map([...node.containers].map((container) => [container.id, container]));
    const records = [...ledger.records()];
    for (const { id, state, note } of records) {
      const container = known.get(id);
      if (!container) return `${nodeId} has ${id}, which the leader does not know`;
      if (!restful.has(container.state)) return `${id} is ${container.state}`;
      if (!machine.containers.has(id)) return `${id} is ${state} at ${nodeId} and does not exist`;
      if (container.note?.grantId !== note?.grantId) return `${id} is noted with another grant than the leader's`;
    }
    if (records.length !== known.size)
      return `the leader knows ${known.size} containers of ${nodeId}, there are ${records.length}`;
    if (machine.containers.size !== known.size)
      return `${nodeId} runs ${machine.containers.size} containers, not ${known.size}`;
  }
  return undefined;
}

function ownerUnrest(world: World): string | undefined {
  const { view } = world.leader!.core!;
  for (const { title, controllerId, incarnation, path } of world.controllers) {
    const { warm } = path.balancer;
    const session = view.sessions.find(({ owner }) => owner.controllerId === controllerId);
    if (session?.owner.incarnation !== incarnation) return `${title} has no stream`;
    for (const { container } of warm.all()) {
      const known = view.containers.get(container.id);
      if (known?.owner !== session.owner || known.note?.grantId !== container.grantId) {
        return `${title} owns ${container.id}, and the leader thinks otherwise`;
      }
    }
  }
  for (const { id, owner, state } of view.containers.values()) {
    if (!owner || state === 'parked') continue;
    const controller = world.controllers.find(({ controllerId }) => controllerId === owner.controllerId)!;
    if (controller.incarnation !== owner.incarnation) return `${id} belongs to a dead incarnation`;
    if (!controller.path.balancer.warm.find(id)) return `the leader thinks that ${controller.title} owns ${id}`;
  }
  return undefined;
}
