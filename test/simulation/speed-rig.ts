// A cluster of any size under a load that its containers nearly hold, to see how many invocations are simulated in a second of processor time.
//
// Guarantees: the containers are there before anything is measured; the load is the same mix at every size: 20 ms of work, actions by Zipf's law, so
// that most find their container warm and the rest makes another give way.
import { planWorkload, readWorkload } from '#workload';
import { fittedTimings } from './fitted-timings';
import { usualCluster, WorkloadCluster } from './workload-cluster';

export interface SpeedSize {
  readonly nodes: number;
  readonly containers: number;
  readonly actions: number;
  readonly controllers: number;
  readonly perSecond: number;
}

export interface SpeedFigures {
  readonly invocations: number;
  readonly events: number;
  /** Processor time of this process. */
  readonly seconds: number;
  readonly containers: number;
  readonly coldShare: number;
  readonly errors: number;
}

const memoryMb = 128;

export class SpeedRig {
  private readonly cluster: WorkloadCluster;

  constructor(readonly size: SpeedSize) {
    const { nodes, containers, actions, controllers, perSecond } = size;
    const read = readWorkload(
      `name: speed
scenarios:
  - name: load
    actions: { count: ${actions}, memoryMb: ${memoryMb}, popularity: { zipf: 1 } }
    arrivals: { poisson: { perSecond: ${perSecond} } }
    durationMs: 86400000
    work: { sleepMs: 20 }
`,
    );
    if (!read.workload) throw new Error('the workload of the speed rig cannot be read');
    this.cluster = new WorkloadCluster(planWorkload(read.workload), {
      ...usualCluster,
      nodes,
      nodeMemoryMb: Math.ceil(containers / nodes) * memoryMb,
      controllers,
      stemCellCount: 0,
      timings: fittedTimings({}),
      route: 'action',
    });
    this.fill();
    this.cluster.run.start();
  }

  /** The most popular have a container each. */
  private fill(): void {
    const { world, run } = this.cluster;
    const { containers, perSecond } = this.size;
    const [actions = []] = run.actions;
    for (let at = 0; at < containers; at += 1) {
      const which = at % actions.length;
      world.queue.after((at / perSecond) * 1_000, () => {
        world.controllers[which % world.controllers.length]!.invoke(actions[which]!, 20);
      });
    }
    world.runFor((containers / perSecond) * 1_000 + 2_000);
  }

  get containers(): number {
    return this.cluster.world.agents.reduce((sum, { machine }) => sum + machine.containers.size, 0);
  }

  /**
   * What it leaves for the collection of young garbage counts as well, if it may be asked for: in a heap that others share it would be theirs. So does what is
   * done for its heap `first`.
   */
  measure(invocations: number, first: () => void = () => undefined): SpeedFigures {
    const { world, run } = this.cluster;
    const [endedBefore, eventsBefore, coldBefore] = [run.ended, world.events, run.cold];
    const errorsBefore = run.errors;
    const before = process.cpuUsage();
    first();
    while (run.ended - endedBefore < invocations) world.step();
    void globalThis.gc?.({ type: 'minor' });
    const { user, system } = process.cpuUsage(before);
    const ended = run.ended - endedBefore;
    return {
      invocations: ended,
      events: world.events - eventsBefore,
      seconds: (user + system) / 1e6,
      containers: this.containers,
      coldShare: (run.cold - coldBefore) / ended,
      errors: run.errors - errorsBefore,
    };
  }

  /** Looks at everything once: throws if a promise is broken. */
  scan(): void {
    this.cluster.world.promises.scan();
  }
}
