// The simulated cluster: two controllers, two schedulers and two agents on one virtual clock, with one source of randomness.
import { defaultLimits, type Limits } from '#limits';
import type { PolicyNames } from '../../apps/scheduler/src/core/policies';
import type { StemCells } from '../../apps/scheduler/src/core/stem-cells';
import { Agent } from './agent';
import { Chance } from './chance';
import { Controller } from './controller';
import { EventQueue } from './event-queue';
import type { Action } from './invocation';
import { LockServer } from './lock-server';
import { Mourners } from './mourners';
import { Network } from './network';
import { Promises } from './promises';
import { Records } from './records';
import { Scheduler } from './scheduler';
import { Store } from './store';
import { Timeouts } from './timeouts';
import { numberAtEnd } from './numbers';
import { type Timings, wideTimings } from './timings';
import { Transcript } from './transcript';

/** Shorter than the defaults in about the same relations, so that a minute of virtual time holds many of each. */
export const simulatedLimits: Limits = {
  ...defaultLimits,
  suspendGraceMs: 150,
  freeReportedAfterMs: 50,
  overflowPerKeyCount: 12,
  overflowTotalCount: 30,
  overflowWaitMs: 6_000,
  resumeTimeoutMs: 1_000,
  useLeaseRenewMs: 1_000,
  welcomeTimeoutMs: 1_000,
  fairnessMs: 300,
  reclaimHoldMs: 1_000,
  settleMs: 1_000,
  idleRemovalMs: 10_000,
  createTimeoutMs: 2_000,
  removeTimeoutMs: 2_000,
  retryMostMs: 1_000,
  inventoryRefreshMs: 4_000,
  heartbeatMs: 500,
  nodeSuspectedMs: 1_500,
  nodeGoneMs: 5_000,
  nodeProbeMs: 1_000,
  prewarmWindowMs: 2_000,
  leaderLeaseMs: 1_000,
  leaderRenewMs: 333,
  schedulerTickMs: 40,
  claimWindowExtraCount: 3,
  claimLeaseMs: 3_000,
  claimPollMs: 400,
  queueAgeMs: 20_000,
  sweepGraceMs: 4_000,
  sweepIntervalMs: 1_500,
};

function actionOf(namespace: string, name: string, memoryMb: number, durationMs: number, concurrency = 1): Action {
  const facts = { kind: 'nodejs:20', image: '', memoryMb, concurrency, logLimitMb: 10, namespaceConcurrency: 0 };
  return {
    key: `${namespace}|${namespace}/${name}|1`,
    facts,
    durationMs,
    initFailShare: 0,
    retries: 0,
    timeoutMs: 4_000,
    initTimeoutMs: 2_000,
  };
}

const smallActions: readonly Action[] = [
  actionOf('alice', 'quick', 256, 30),
  actionOf('alice', 'many', 256, 100, 3),
  actionOf('alice', 'large', 512, 300),
  actionOf('bob', 'quick', 256, 30),
  { ...actionOf('bob', 'slow', 256, 1_500), initFailShare: 0.1, retries: 2 },
];

export interface WorldSettings {
  readonly seed: number;
  /** Each life of a process has a clock of its own. */
  readonly isSkewed?: boolean;
  readonly transcriptLines?: number;
  readonly stemCellCount?: number;
  readonly limits?: Partial<Limits>;
  readonly policies?: Partial<PolicyNames>;
  readonly shape?: Partial<Shape>;
  readonly actions?: readonly Action[];
  readonly timings?: Timings;
  readonly watch?: Watch;
}

export interface Shape {
  readonly schedulers: number;
  readonly controllers: number;
  /** Memory of each node. */
  readonly nodesMb: readonly number[];
  readonly parallelCreations: number;
  /** Of each node. */
  readonly addresses: number | undefined;
  readonly kinds: readonly string[];
}

const smallShape: Shape = {
  schedulers: 2,
  controllers: 2,
  nodesMb: [768, 1_024],
  parallelCreations: 4,
  addresses: undefined,
  kinds: ['nodejs:20'],
};

/**
 * What is checked: `steps`, everything that a step may have changed, after each; `acts`, what machines, agents and controllers do, as they do it, and
 * everything now and then. Of what has ended only the former remembers anything, so that the latter needs no memory for what is over.
 */
export type Watch = 'steps' | 'acts';

export class World {
  readonly queue = new EventQueue();
  readonly chance: Chance;
  readonly limits: Limits;
  readonly policies: Partial<PolicyNames>;
  readonly transcript: Transcript;
  readonly promises: Promises;
  readonly store = new Store(this);
  readonly records = new Records(this);
  readonly isSkewed: boolean;
  readonly network = new Network(this);
  readonly lock: LockServer;
  readonly stemCells: readonly StemCells[];
  readonly actions: readonly Action[];
  readonly shape: Shape;
  readonly timings: Timings;
  readonly watch: Watch;
  readonly timeouts = new Timeouts(this.queue);
  readonly mourners = new Mourners();
  readonly schedulerNames: readonly string[];
  readonly schedulers: readonly Scheduler[];
  readonly controllers: readonly Controller[];
  readonly agents: readonly Agent[];
  /** Few are used again soon. */
  readonly addressCount: number;
  private activations = 0;
  private containers = 0;
  /** Steps so far. */
  events = 0;

  constructor({
    seed,
    isSkewed = false,
    transcriptLines = 400,
    stemCellCount = 1,
    limits = {},
    policies = {},
    shape = {},
    actions = smallActions,
    timings = wideTimings,
    watch = 'steps',
  }: WorldSettings) {
    this.actions = actions;
    this.shape = { ...smallShape, ...shape };
    this.timings = timings;
    this.watch = watch;
    this.promises = new Promises(this);
    this.isSkewed = isSkewed;
    this.chance = new Chance(seed);
    this.policies = policies;
    this.addressCount = this.shape.addresses ?? 5 + this.chance.below(8);
    this.limits = { ...simulatedLimits, ...limits };
    this.transcript = new Transcript(() => this.queue.now, transcriptLines);
    this.lock = new LockServer(this, this.limits.leaderLeaseMs);
    this.stemCells = stemCellCount > 0 ? [{ kind: 'nodejs:20', memoryMb: 256, count: stemCellCount }] : [];
    this.schedulerNames = Array.from({ length: this.shape.schedulers }, (_, at) => `scheduler${at}:1`);
    this.schedulers = this.schedulerNames.map((name) => new Scheduler(this, name));
    this.agents = this.shape.nodesMb.map((memoryMb, at) => new Agent(this, `node${at}`, memoryMb));
    this.controllers = Array.from(
      { length: this.shape.controllers },
      (_, at) => new Controller(this, `controller${at}`, `10.0.0.${at}:1`),
    );
  }

  start(): void {
    for (const process of this.processes) process.start();
  }

  get processes(): readonly (Scheduler | Agent | Controller)[] {
    return [...this.schedulers, ...this.agents, ...this.controllers];
  }

  scheduler(name: string): Scheduler {
    return this.schedulers.find((scheduler) => scheduler.name === name)!;
  }

  agent(nodeId: string): Agent {
    return this.agents[numberAtEnd(nodeId)]!;
  }

  controllerAt(address: string): Controller {
    return this.controllers.find((controller) => controller.address === address)!;
  }

  get leader(): Scheduler | undefined {
    return this.schedulers.find(({ holds, core, state }) => holds && core && state === 'running');
  }

  nextContainer(): number {
    this.containers += 1;
    return this.containers - 1;
  }

  nextActivation(): string {
    this.activations += 1;
    return `a${this.activations}`;
  }

  killController(controller: Controller): void {
    controller.kill();
    this.promises.died(controller);
  }

  /** Everything until then, with what must hold checked after each step. */
  runUntil(ms: number): void {
    while (this.queue.nextAt <= ms) {
      this.step();
    }
    this.queue.at(ms, () => undefined);
    this.queue.step();
  }

  /** The next thing that happens. */
  step(): void {
    this.queue.step();
    this.events += 1;
    this.promises.check();
  }

  runFor(ms: number): void {
    this.runUntil(this.queue.now + ms);
  }
}
