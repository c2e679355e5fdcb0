// One run of the simulated cluster from one plan: faults under load, then rest. Throws a BrokenPromise when something does not hold, with the
// last part of the transcript.
import {
  keepAlives,
  placements,
  type PolicyNames,
  prewarms,
  reclaimOrders,
} from '../../apps/scheduler/src/core/policies';
import { Clients } from './clients';
import { type FaultKind, Faults } from './faults';
import { type Plan, planOf } from './plan';
import { unrest } from './quiet';
import { World } from './world';

export interface SimulationResult {
  readonly digest: string;
  readonly transcript: string;
  readonly counts: SimulationCounts;
}

export interface SimulationCounts {
  /** Steps of the simulated cluster: a message, a timer, an end of something. */
  readonly events: number;
  readonly faults: Partial<Record<FaultKind, number>>;
  /** What the cluster was seen in, as hashes (promises.ts). */
  readonly states: ReadonlySet<string>;
  readonly accepted: number;
  readonly ran: number;
  readonly records: number;
  readonly staleCommands: number;
}

export interface SimulationSettings {
  readonly faultsMs?: number;
  readonly transcriptLines?: number;
}

/** Something that must hold does not. */
export class BrokenPromise extends Error {
  constructor(
    readonly plan: Plan,
    /** One sentence. */
    readonly sentence: string,
    readonly atMs: number,
    readonly transcript: string,
    cause: unknown,
  ) {
    super(`seed ${plan.seed}: ${sentence}\n--- the last lines ---\n${transcript}`, { cause });
    this.name = 'BrokenPromise';
  }
}

/** Within this everything is quiet once faults have stopped. */
const quietMs = 40_000;
/** Within this a demand that fits is granted in a quiet cluster. */
const grantMs = 8_000;

/** Each in turn, so that a few hundred seeds meet every combination. */
function policiesOf(seed: number): PolicyNames {
  const pick = <K extends string>(named: Readonly<Record<K, unknown>>, at: number): K => {
    const names = Object.keys(named) as K[];
    return names[at % names.length]!;
  };
  const turn = Math.floor(seed / Object.keys(placements).length);
  return {
    placement: pick(placements, seed),
    reclaim: pick(reclaimOrders, turn),
    prewarm: pick(prewarms, turn >> 1),
    keepAlive: pick(keepAlives, turn >> 2),
  };
}

const defaultFaultsMs = (seed: number): number => (seed % 10 === 0 ? 60_000 : 12_000);

/** What this seed does to the cluster. */
export function planOfSeed(seed: number, faultsMs = defaultFaultsMs(seed)): Plan {
  const { controllers, actions } = new World({ seed });
  return planOf(seed, { controllers: controllers.length, actions }, faultsMs);
}

export function simulate(seed: number, { faultsMs, transcriptLines }: SimulationSettings = {}): SimulationResult {
  return simulatePlan(planOfSeed(seed, faultsMs), transcriptLines);
}

export function simulatePlan(plan: Plan, transcriptLines = 150): SimulationResult {
  const { seed, salt, isSkewed } = plan;
  const world = new World({
    seed: seed + salt * 1_000_003,
    isSkewed,
    transcriptLines,
    stemCellCount: seed % 3,
    policies: policiesOf(seed),
  });
  const faults = new Faults(world, plan.faults);
  try {
    new Clients(world, plan.requests).start();
    world.start();
    faults.start();
    world.runFor(plan.faultsMs);
    faults.stop();
    world.runFor(500);
    becomeQuiet(world);
    serveEveryAction(world);
    becomeQuiet(world);
    world.promises.scan();
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new BrokenPromise(plan, sentence, world.queue.now, world.transcript.tail(), error);
  }
  const { accepted, ran, staleCommands } = world.promises.counts;
  const records = world.records.counts.stored;
  const { states } = world.promises;
  const counts = { events: world.events, faults: faults.counts, states, accepted, ran, records, staleCommands };
  return { digest: world.transcript.digest(), transcript: world.transcript.tail(), counts };
}

export function becomeQuiet(world: World, withinMs = quietMs): void {
  const until = world.queue.now + withinMs;
  let restless: string | undefined = 'it has only begun';
  while (world.queue.now < until) {
    world.runFor(200);
    restless = unrest(world);
    if (restless === undefined) return;
  }
  throw new Error(`not quiet ${withinMs} ms after the last fault: ${restless}`);
}

/** At each controller, one after the other, so that each fits: answered, and non-blocking. */
function serveEveryAction(world: World): void {
  for (const controller of world.controllers) {
    for (const action of world.actions) {
      const invocation = controller.invoke({ ...action, initFailShare: 0 }, 20);
      waitUntil(world, () => invocation.ended !== undefined);
      if (invocation.ended !== 'ran' && invocation.ended !== 'kept elsewhere') {
        throw new Error(
          `${invocation.activation} of ${action.key} was ${invocation.ended ?? 'not served'} in a quiet cluster`,
        );
      }
    }
    const action = world.actions[0]!;
    const activation = controller.accept(action, 20);
    waitUntil(world, () => world.store.records.has(activation));
    const how = world.store.records.get(activation);
    if (how !== 'ran') {
      throw new Error(`${activation} of ${action.key}, non-blocking, was ${how ?? 'not run'} in a quiet cluster`);
    }
  }
}

function waitUntil(world: World, isThere: () => boolean): void {
  const until = world.queue.now + grantMs;
  while (!isThere() && world.queue.now < until) world.runFor(50);
}
