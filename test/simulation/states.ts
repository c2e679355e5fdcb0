// In what the cluster is, coarsely: which processes live and lead, and in which combinations of states its containers are at their scheduler,
// their agent, their machine and their owner. How many different ones a search has met says how far it has been.
import type { World } from './world';

export function stateOf(world: World): string {
  const containers = new Set<string>();
  const pool = world.leader?.core?.view.containers;
  for (const { ledger, machine, state } of world.agents) {
    if (state === 'dead') continue;
    for (const { id, state: atAgent } of ledger.records()) {
      const container = machine.containers.get(id);
      const onMachine = !container ? 'gone' : `${container.isFrozen ? 'frozen' : 'thawed'}${container.working.length}`;
      containers.add(`${pool?.get(id)?.state ?? '-'}/${atAgent}/${onMachine}/${ownersOf(world, id)}`);
    }
  }
  const processes = world.processes.map(({ state }) => state[0]).join('');
  const waiting = world.controllers.map((at) =>
    at.state === 'dead' ? 0 : Math.min(2, at.path.balancer.overflow.length),
  );
  const rows = new Set([...world.store.rows.values()].map(({ state }) => state));
  const leaders = world.schedulers.filter(({ holds }) => holds).length;
  return [processes, leaders, waiting.join(''), [...rows].sort().join(), [...containers].sort().join()].join(' ');
}

function ownersOf(world: World, id: string): string {
  const owners: string[] = [];
  for (const controller of world.controllers) {
    if (controller.state === 'dead') continue;
    const proxy = controller.path.balancer.warm.find(id);
    if (proxy) owners.push(proxy.state);
  }
  return owners.join('+');
}
