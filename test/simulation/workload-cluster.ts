// A simulated cluster that a workload runs on: no faults, the product's own limits, durations as measured; and what it cost beside latency.
import { defaultLimits, type Limits } from '#limits';
import type { Plan } from '#workload';
import type { PolicyNames } from '../../apps/scheduler/src/core/policies';
import { MemoryUse } from './memory-use';
import type { Timings } from './timings';
import { type Route, WorkloadRun } from './workload-run';
import { World } from './world';

export interface ClusterSettings {
  readonly seed: number;
  readonly nodes: number;
  readonly nodeMemoryMb: number;
  readonly controllers: number;
  readonly cores: number;
  readonly stemCellCount: number;
  readonly policies: Partial<PolicyNames>;
  readonly limits: Partial<Limits>;
  readonly timings: Timings;
  readonly route: Route;
}

export const usualCluster = {
  seed: 1,
  nodes: 1,
  nodeMemoryMb: 2_048,
  controllers: 1,
  cores: 2,
  stemCellCount: 2,
  policies: {},
  limits: {},
  route: 'any',
} as const satisfies Omit<ClusterSettings, 'timings'>;

/** Until a leader is there and knows its nodes and controllers. */
const readyMs = 4_000;

/** Some seconds of processor time. */
const oftenSteps = 1_000_000;

export class WorkloadCluster {
  readonly world: World;
  readonly run: WorkloadRun;
  readonly memory: MemoryUse;

  constructor(plan: Plan, settings: ClusterSettings) {
    const { seed, nodes, nodeMemoryMb, controllers, cores, stemCellCount, policies, limits, timings, route } = settings;
    const kinds = new Set(plan.scenarios.flatMap(({ actions }) => actions.map(({ kind }) => kind)));
    this.world = new World({
      seed,
      stemCellCount,
      policies,
      timings,
      transcriptLines: 0,
      watch: 'acts',
      limits: { ...defaultLimits, ...limits },
      actions: [],
      shape: {
        schedulers: 1,
        controllers,
        nodesMb: Array.from({ length: nodes }, () => nodeMemoryMb),
        parallelCreations: 2 * cores,
        addresses: 2 * Math.ceil(nodeMemoryMb / 128),
        kinds: [...kinds],
      },
    });
    this.memory = new MemoryUse(this.world);
    this.run = new WorkloadRun(this.world, plan, { route });
    this.world.start();
    this.world.runFor(readyMs);
  }

  /** To the end of the workload, or to `untilMs` after its start; answers whether it is over. `nowAndThen` is called every million of steps. */
  finish(untilMs = Infinity, nowAndThen: () => void = () => undefined): boolean {
    const { world, run } = this;
    run.start(() => this.memory.begin());
    for (let steps = 0; !run.isOver && run.elapsedMs < untilMs; steps += 1) {
      if (steps % oftenSteps === 0) nowAndThen();
      world.step();
    }
    this.memory.end();
    world.promises.scan();
    return run.isOver;
  }
}
