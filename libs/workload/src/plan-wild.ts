// Plans a scenario in the wild: each function that was drawn is an action with arrivals, durations and memory of its own. Pure.
import { diurnalTimes, onOffTimes, poissonTimes, timerTimes } from './arrival-times';
import { drawInTheWild, levelForTotal, type WildFunction } from './in-the-wild';
import { mergeTimes } from './merge-times';
import { labelled } from './plan-counts';
import type { Expanded, PlannedRequest, Seeded } from './planned';
import { plannedAction } from './planned-actions';
import { normal, streamOf } from './random-streams';
import type { Wild } from './workload-file';

const dayMs = 86_400_000;
/** Durations of one function scatter around its average; not published, so little. */
const durationSigma = 0.25;

export function planWild(
  { scenario, position, seed }: Seeded,
  { apps, perSecond, compress, durationScale, durationMaxMs }: Wild,
): Expanded {
  const functions = drawInTheWild(apps, seed);
  const rates = functions.map(({ perDay }) => (perDay * compress * 1_000) / dayMs);
  const level = levelForTotal(rates, perSecond);
  const heldDown = rates.filter((rate) => rate > level).length;
  const actions = functions.map(({ memoryMb }, at) => plannedAction(scenario, at, memoryMb));
  const open = (): Iterable<PlannedRequest> => wild();
  function* wild(): Generator<PlannedRequest> {
    const { name, durationMs = Infinity, requests = Infinity } = scenario;
    const sources = functions.map((one, at) =>
      labelled(timesOf(one, Math.min(level, rates[at]!), compress, streamOf(seed, name, 'wild', at)), at, durationMs),
    );
    const random = streamOf(seed, name, 'open', 'work');
    let index = 0;
    for (const { atMs, action } of mergeTimes(sources, (item) => item.atMs)) {
      if (index >= requests) return;
      const drawn = functions[action]!.durationMs * Math.exp(durationSigma * normal(random)) * durationScale;
      const sleepMs = Math.round(Math.min(durationMaxMs, Math.max(1, drawn)) * 1_000) / 1_000;
      yield { atMs, scenario: position, index, action, work: [{ sleepMs }], kills: false };
      index += 1;
    }
  }
  const remarks =
    heldDown === 0
      ? []
      : [
          `${heldDown} of ${functions.length} functions are held down to ${level.toPrecision(3)} requests/s each, so that all have ${perSecond}.`,
        ];
  return { actions, open, requests: scenario.requests, remarks };
}

function timesOf(
  { trigger, cv }: WildFunction,
  perSecond: number,
  compress: number,
  random: ReturnType<typeof streamOf>,
): Iterable<number> {
  if (trigger === 'timer') return timerTimes(perSecond, random);
  if (cv > 1) return onOffTimes({ perSecond, cv, onShare: 0.2 }, random);
  if (trigger !== 'http' && trigger !== 'event') return poissonTimes(perSecond, random);
  // The mean of the curve is 3/4 of its peak.
  return diurnalTimes({ perSecond: perSecond / 0.75, base: 0.5, periodMs: dayMs / compress }, random);
}
