// One run of the simulated cluster from one seed: faults under load, then rest. Throws when a promise is broken, with the seed and the last
// part of the transcript.
import { Clients } from './clients';
import { Faults } from './faults';
import { unrest } from './quiet';
import { placements, type PolicyNames, prewarms, reclaimOrders } from '../../apps/scheduler/src/core/policies';
import { World } from './world';

export interface SimulationResult {
  readonly digest: string;
  readonly transcript: string;
  readonly counts: World['promises']['counts'];
}

export interface SimulationSettings {
  readonly faultsMs?: number;
  readonly transcriptLines?: number;
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
  return { placement: pick(placements, seed), reclaim: pick(reclaimOrders, turn), prewarm: pick(prewarms, turn >> 1) };
}

export function simulate(
  seed: number,
  { faultsMs = seed % 10 === 0 ? 60_000 : 12_000, transcriptLines = 150 }: SimulationSettings = {},
): SimulationResult {
  const stemCellCount = seed % 3;
  const world = new World({ seed, transcriptLines, stemCellCount, policies: policiesOf(seed) });
  try {
    const faults = new Faults(world);
    const clients = new Clients(world);
    world.start();
    clients.start();
    faults.start();
    world.runFor(faultsMs);
    faults.stop();
    world.runFor(500);
    clients.stop();
    becomeQuiet(world);
    serveEveryAction(world);
    becomeQuiet(world);
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(
      `seed ${seed}: ${why}\n--- the last lines; SIMULATION_SEED=${seed} prints all ---\n${world.transcript.tail()}`,
      { cause: error },
    );
  }
  return { digest: world.transcript.digest(), transcript: world.transcript.tail(), counts: world.promises.counts };
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

/** At each controller, one after the other, so that each fits. */
function serveEveryAction(world: World): void {
  for (const controller of world.controllers) {
    for (const action of world.actions) {
      const invocation = controller.invoke({ ...action, initFailShare: 0 }, 20);
      const until = world.queue.now + grantMs;
      while (!invocation.ended && world.queue.now < until) world.runFor(50);
      if (invocation.ended === 'ran' || invocation.ended === 'kept elsewhere') continue;
      throw new Error(
        `${invocation.activation} of ${action.key} was ${invocation.ended ?? 'not served'} in a quiet cluster`,
      );
    }
  }
}
