// What goes wrong, when and where as planned: processes die, stand still and come back, links and connections break, answers come late or
// never, clients of the store and of the lock hear nothing, containers end, operators drain nodes.
import { Chance } from './chance';
import type { Controller } from './controller';
import type { PlannedFault } from './plan';
import type { Process } from './process';
import type { World } from './world';

export const faultKinds = [
  'killLeader',
  'killScheduler',
  'stopLeader',
  'stepDown',
  'killController',
  'stopController',
  'stopControllerThatRenews',
  'stopControllerForLong',
  'killAgent',
  'stopAgent',
  'powerLoss',
  'crashContainer',
  'cut',
  'breakLink',
  'partition',
  'lossy',
  'late',
  'slowMessages',
  'creationsFail',
  'lockStalls',
  'lockLosesData',
  'storeStalls',
  'storeFails',
  'drainNode',
  'evict',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export class Faults {
  private isOver = false;
  /** How many of each kind were injected. */
  readonly counts: Partial<Record<FaultKind, number>> = {};

  constructor(
    private readonly world: World,
    private readonly faults: readonly PlannedFault[],
  ) {}

  start(): void {
    for (const fault of this.faults) {
      this.world.queue.at(fault.atMs, () => {
        if (!this.isOver) this.inject(fault);
      });
    }
  }

  private inject({ kind, seed }: PlannedFault): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.world.transcript.say('faults', kind);
    kinds[kind](new Injection(this.world, new Chance(seed)));
    this.world.promises.scan();
  }

  /** Everything that was broken is whole again. */
  stop(): void {
    const { world } = this;
    this.isOver = true;
    world.transcript.say('faults', 'are over');
    world.network.repairAll();
    world.lock.wake();
    world.store.repair();
    for (const agent of world.agents) agent.failShare = agent.slowShare = 0;
    for (const controller of world.controllers) controller.onRenewal = undefined;
    for (const process of world.processes) {
      process.resume();
      process.start();
    }
    for (const agent of world.agents) agent.cordon('open');
  }
}

const kinds: Record<FaultKind, (injection: Injection) => void> = {
  killLeader: (it) => it.kill(it.leader, 3_000),
  killScheduler: (it) => it.kill(it.anyOf(it.world.schedulers), 3_000),
  stopLeader: (it) => it.stopFor(it.leader, 4_000),
  stepDown: (it) => it.world.leader?.stepDown(),
  killController: (it) => it.killController(it.anyController),
  stopController: (it) => it.stopFor(it.anyController, 8_000),
  // The answer waits, and is read when the lease that it grants is long over.
  stopControllerThatRenews: (it) => {
    const controller = it.anyController;
    controller.onRenewal = () => it.stopFor(controller, 12_000);
  },
  stopControllerForLong: (it) => it.stopFor(it.anyController, 40_000),
  killAgent: (it) => {
    const agent = it.anyOf(it.world.agents);
    if (agent.state === 'dead') return;
    if (it.chance.of(0.5)) agent.killWithContainers();
    else agent.kill();
    it.later(it.chance.skewed(50, 15_000, 2), () => agent.start());
  },
  stopAgent: (it) => it.stopFor(it.anyOf(it.world.agents), 7_000),
  powerLoss: (it) => {
    const { schedulers, controllers, agents } = it.world;
    for (const scheduler of schedulers) it.kill(scheduler, 3_000);
    for (const controller of controllers) it.killController(controller);
    for (const agent of agents) {
      if (agent.state === 'dead') continue;
      agent.killWithContainers();
      it.later(it.chance.skewed(50, 5_000), () => agent.start());
    }
  },
  crashContainer: (it) => {
    const agent = it.anyOf(it.world.agents);
    const ids = [...agent.machine.containers.keys()];
    if (ids.length > 0) agent.crash(it.anyOf(ids));
  },
  cut: (it) => it.world.network.cutOne(it.chance),
  breakLink: (it) => {
    const { network, processes } = it.world;
    const [one, other] = [it.anyOf(processes), it.anyOf(processes)];
    if (one !== other) network.breakLink(one, other, it.chance.skewed(100, 10_000));
  },
  // Two halves that do not hear each other.
  partition: (it) => {
    const { network, processes } = it.world;
    const ms = it.chance.skewed(200, 8_000);
    const isLeft = new Map<Process, boolean>(processes.map((process) => [process, it.chance.of(0.5)]));
    for (const one of processes) {
      for (const other of processes) {
        if (one.name < other.name && isLeft.get(one) !== isLeft.get(other)) network.breakLink(one, other, ms);
      }
    }
  },
  lossy: (it) => it.forAWhile(it.world.network, { lossShare: 0.2 }, { lossShare: 0 }),
  late: (it) => it.forAWhile(it.world.network, { lateShare: 0.2 }, { lateShare: 0 }),
  // What is said over one connection overtakes what was said before over another.
  slowMessages: (it) => it.forAWhile(it.world.network, { slowShare: 0.15 }, { slowShare: 0 }),
  creationsFail: (it) => it.forAWhile(it.anyOf(it.world.agents), { failShare: 0.5 }, { failShare: 0 }),
  lockStalls: (it) => it.world.lock.stall(it.chance.skewed(50, 3_000)),
  lockLosesData: (it) => it.world.lock.loseData(),
  storeStalls: (it) => it.world.store.stall(it.chance.skewed(50, 6_000)),
  storeFails: (it) => it.forAWhile(it.world.store, { failShare: 0.4 }, { failShare: 0 }),
  drainNode: (it) => {
    const agent = it.anyOf(it.world.agents);
    const order = it.chance.of(0.5) ? 'draining' : 'cordoned';
    it.world.leader?.cordon(agent, order);
    it.later(it.chance.between(500, 6_000), () => it.world.leader?.cordon(agent, 'open'));
  },
  evict: (it) => {
    const { leader } = it.world;
    const ids = [...(leader?.core?.view.containers.keys() ?? [])];
    if (ids.length > 0) leader!.evict(it.anyOf(ids));
  },
};

/** One fault under way: whom it meets and for how long is its own chance's word. */
class Injection {
  constructor(
    readonly world: World,
    readonly chance: Chance,
  ) {}

  anyOf<T>(items: readonly T[]): T {
    return this.chance.pick(items);
  }

  get anyController(): Controller {
    return this.anyOf(this.world.controllers);
  }

  get leader(): Process {
    return this.world.leader ?? this.anyOf(this.world.schedulers);
  }

  later(ms: number, act: () => void): void {
    this.world.queue.after(ms, act);
  }

  forAWhile<T extends object>(what: T, broken: Partial<T>, whole: Partial<T>): void {
    Object.assign(what, broken);
    this.later(this.chance.between(200, 3_000), () => Object.assign(what, whole));
  }

  kill(process: Process, mostMs: number): void {
    if (process.state === 'dead') return;
    process.kill();
    this.later(this.chance.skewed(20, mostMs), () => process.start());
  }

  killController(controller: Controller): void {
    const { world, chance } = this;
    if (controller.state === 'dead') return;
    const { controllerId, incarnation } = controller;
    world.killController(controller);
    // A supervisor that reaps it ends its leases; without one they lapse.
    if (chance.of(0.5)) {
      for (const agent of world.agents) {
        if (agent.state === 'running') agent.endLease(controllerId, incarnation);
      }
    }
    this.later(chance.skewed(20, 4_000), () => controller.start());
  }

  stopFor(process: Process, mostMs: number): void {
    if (process.state !== 'running') return;
    process.pause();
    this.later(this.chance.skewed(20, mostMs, 2), () => process.resume());
  }
}
