// Calls actions before anything is counted, where a scenario wants warm or suspended containers: so often at once as its users will.
//
// It makes no promise that every later start is warm: the records say what each was.
import type { Clock } from '#clock';
import type { Plan, PlannedRequest, PlannedScenario } from '#workload';
import type { CreatedActions } from './created-actions';
import type { Engine, Lane } from './engine';

/** Containers of one action to have with open arrivals, which do not say how many requests will run at once. */
const openAtOnce = 4;
const notCounted = -1;

export async function warmUp(plan: Plan, engine: Engine, actions: CreatedActions, clock: Clock): Promise<void> {
  let restMs = 0;
  for (const planned of plan.scenarios) {
    const { start } = planned.scenario;
    if (start !== 'warm' && start !== 'suspended') continue;
    if (start === 'suspended') restMs = Math.max(restMs, planned.scenario.restMs);
    const names = planned.actions.map((action) => actions.nameOf(action));
    const lane = engine.lane({ completion: 'blocking', answerWithinMs: planned.scenario.answerWithinMs }, names);
    for (let action = 0; action < planned.actions.length; action += 1) {
      const call = (): Promise<void> => callOnce(engine, lane, action, clock);
      await Promise.all(Array.from({ length: start === 'warm' ? atOnce(planned) : 1 }, call));
    }
  }
  if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs).unref());
}

const atOnce = ({ closed, actions }: PlannedScenario): number =>
  closed ? Math.max(1, Math.ceil(closed.users / actions.length)) : openAtOnce;

function callOnce(engine: Engine, lane: Lane, action: number, clock: Clock): Promise<void> {
  // Long enough that calls at once do not follow each other into one container.
  const work = [{ sleepMs: 20 }];
  const request: PlannedRequest = { atMs: 0, scenario: notCounted, index: 0, action, work, kills: false };
  return new Promise((resolve) => engine.send(lane, request, clock.now(), () => resolve()));
}
