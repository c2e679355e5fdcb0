// What goes wrong, chosen by the seed: each run has its own menu of faults and its own pace, so that rare combinations meet.
import type { Controller } from './controller';
import type { Process } from './process';
import type { World } from './world';

type Fault = () => void;

export class Faults {
  private isOver = false;
  private readonly menu: Fault[];
  private readonly paceMs: number;

  constructor(private readonly world: World) {
    const { chance } = world;
    const all = Object.values(this.all()) as Fault[];
    this.menu = all.filter(() => chance.of(0.6));
    this.paceMs = chance.between(300, 3_000);
  }

  start(): void {
    const { queue, chance } = this.world;
    queue.after(chance.between(0.2, 2) * this.paceMs, () => {
      if (this.isOver || this.menu.length === 0) return;
      this.world.chance.pick(this.menu)();
      this.start();
    });
  }

  /** Everything that was broken is whole again. */
  stop(): void {
    const { world } = this;
    this.isOver = true;
    world.transcript.say('faults', 'are over');
    world.network.repairAll();
    world.lock.wake();
    for (const agent of world.agents) agent.failShare = agent.slowShare = 0;
    for (const controller of world.controllers) controller.onRenewal = undefined;
    for (const process of world.processes) {
      process.resume();
      process.start();
    }
  }

  private all(): Record<string, Fault> {
    const { world } = this;
    const { chance, network, lock } = world;
    const anyController = (): Controller => chance.pick(world.controllers);
    return {
      killLeader: () => this.kill(world.leader ?? chance.pick(world.schedulers), 3_000),
      killScheduler: () => this.kill(chance.pick(world.schedulers), 3_000),
      stopLeader: () => this.stopFor(world.leader ?? chance.pick(world.schedulers), 4_000),
      stepDown: () => world.leader?.stepDown(),
      killController: () => this.killController(anyController()),
      stopController: () => this.stopFor(anyController(), 8_000),
      // The answer waits, and is read when the lease that it grants is long over.
      stopControllerThatRenews: () => {
        const controller = anyController();
        controller.onRenewal = () => this.stopFor(controller, 12_000);
      },
      stopControllerForLong: () => this.stopFor(anyController(), 40_000),
      killAgent: () => {
        const agent = chance.pick(world.agents);
        if (agent.state === 'dead') return;
        if (chance.of(0.5)) agent.killWithContainers();
        else agent.kill();
        world.queue.after(chance.skewed(50, 15_000, 2), () => agent.start());
      },
      stopAgent: () => this.stopFor(chance.pick(world.agents), 7_000),
      crashContainer: () => {
        const agent = chance.pick(world.agents);
        const ids = [...agent.machine.containers.keys()];
        if (ids.length > 0) agent.crash(chance.pick(ids));
      },
      cut: () => network.cutOne(),
      cutMore: () => network.cutOne(),
      breakLink: () => {
        const [one, other] = [chance.pick(world.processes), chance.pick(world.processes)];
        if (one !== other) network.breakLink(one, other, chance.skewed(100, 10_000));
      },
      lossy: () =>
        this.forAWhile(
          () => (network.lossShare = 0.2),
          () => (network.lossShare = 0),
        ),
      late: () =>
        this.forAWhile(
          () => (network.lateShare = 0.2),
          () => (network.lateShare = 0),
        ),
      creationsFail: () => {
        const agent = chance.pick(world.agents);
        this.forAWhile(
          () => (agent.failShare = 0.5),
          () => (agent.failShare = 0),
        );
      },
      lockStalls: () => lock.stall(chance.skewed(50, 3_000)),
      lockLosesData: () => lock.loseData(),
    };
  }

  private forAWhile(begin: () => void, end: () => void): void {
    begin();
    this.world.queue.after(this.world.chance.between(200, 3_000), end);
  }

  private kill(process: Process, mostMs: number): void {
    if (process.state === 'dead') return;
    process.kill();
    this.world.queue.after(this.world.chance.skewed(20, mostMs), () => process.start());
  }

  private killController(controller: Controller): void {
    const { world } = this;
    if (controller.state === 'dead') return;
    const { controllerId, incarnation } = controller;
    world.killController(controller);
    // A supervisor that reaps it ends its leases; without one they lapse.
    if (world.chance.of(0.5)) {
      for (const agent of world.agents) {
        if (agent.state === 'running') agent.endLease(controllerId, incarnation);
      }
    }
    world.queue.after(world.chance.skewed(20, 4_000), () => controller.start());
  }

  private stopFor(process: Process, mostMs: number): void {
    if (process.state !== 'running') return;
    process.pause();
    this.world.queue.after(this.world.chance.skewed(20, mostMs, 2), () => process.resume());
  }
}
