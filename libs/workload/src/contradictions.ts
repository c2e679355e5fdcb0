// What no field alone says wrong, but two together: each with the path of the field to look at and one sentence. Pure.
import { type Distribution, distributionContradiction } from './distributions';
import { fitsStemCells } from './planned-actions';
import type { Scenario, Step, Workload } from './workload-file';

/** A path of names and positions from the top of the file. */
export type FieldPath = readonly (string | number)[];
export interface Contradiction {
  readonly path: FieldPath;
  readonly sentence: string;
}

type Complain = (path: FieldPath, sentence: string) => void;

/** Everything that contradicts something else, in the order of the file. */
export function contradictions(workload: Workload): Contradiction[] {
  const found: Contradiction[] = [];
  const complain: Complain = (path, sentence) => found.push({ path, sentence });
  const names = new Set<string>();
  for (const [at, scenario] of workload.scenarios.entries()) {
    const path = ['scenarios', at];
    if (names.has(scenario.name)) complain([...path, 'name'], `"${scenario.name}" is the name of two scenarios`);
    if (scenario.after !== undefined && !names.has(scenario.after)) {
      complain([...path, 'after'], `"${scenario.after}" is no scenario before this one`);
    }
    if (scenario.after !== undefined && workload.order === 'sequence') {
      complain([...path, 'after'], 'order: sequence already says what comes after what');
    }
    names.add(scenario.name);
    const twin = workload.scenarios.find(({ name }) => name === scenario.group);
    if (twin) complain([...path, 'group'], `"${twin.name}" is the name of a scenario, too`);
    if (scenario.name === 'all' || scenario.group === 'all') {
      complain([...path, scenario.name === 'all' ? 'name' : 'group'], '"all" is what the whole is called');
    }
    checkSource(scenario, path, complain);
    checkStart(scenario, path, complain);
    checkKill(scenario, path, complain);
    eachDistribution(scenario, (distribution, below) => {
      const sentence = distributionContradiction(distribution);
      if (sentence !== undefined) complain([...path, ...below], sentence);
    });
  }
  return found;
}

function checkSource(scenario: Scenario, path: FieldPath, complain: Complain): void {
  const { wild, arrivals, actions, requests, durationMs } = scenario;
  if (wild) {
    for (const field of ['arrivals', 'actions', 'work', 'kill'] as const) {
      if (scenario[field] !== undefined)
        complain([...path, field], `wild says what ${field} are; leave one of them out`);
    }
    if (scenario.start !== 'any') complain([...path, 'start'], 'wild decides how containers start');
    if (durationMs === undefined) complain([...path, 'wild'], 'wild does not end by itself; give durationMs');
    return;
  }
  if (!arrivals) return complain(path, 'has neither arrivals nor wild');
  const named = Object.entries(arrivals).filter(([, value]) => value !== undefined);
  if (named.length !== 1) {
    const list = named.map(([field]) => field).join(' and ') || 'nothing';
    return complain([...path, 'arrivals'], `names ${list}; give one kind of arrivals`);
  }
  if (!arrivals.counts && requests === undefined && durationMs === undefined) {
    complain([...path, 'arrivals'], 'does not end; give requests or durationMs');
  }
  if (arrivals.bursts && arrivals.bursts.withinMs > arrivals.bursts.everyMs) {
    complain([...path, 'arrivals', 'bursts', 'withinMs'], 'is above everyMs, so bursts would overlap');
  }
  if (arrivals.counts && actions?.count !== undefined) {
    complain([...path, 'actions', 'count'], 'each row of the counts is an action; use arrivals.counts.functions');
  }
  checkPopularity(scenario, path, complain);
}

function checkPopularity({ arrivals, actions }: Scenario, path: FieldPath, complain: Complain): void {
  if (!actions) return;
  const { popularity, count = 1 } = actions;
  const at = [...path, 'actions', 'popularity'];
  if (arrivals?.counts && popularity !== 'uniform') complain(at, 'the counts say how popular each action is');
  if (typeof popularity === 'string') return;
  const { zipf, weights } = popularity;
  if ((zipf === undefined) === (weights === undefined)) complain(at, 'give either zipf or weights');
  else if (weights && weights.length !== count) {
    complain([...at, 'weights'], `has ${weights.length} numbers for ${count} actions`);
  } else if (weights?.every((weight) => weight === 0)) complain([...at, 'weights'], 'has no weight above 0');
}

/** Who is killed cannot call back. */
function checkKill({ kill, completion }: Scenario, path: FieldPath, complain: Complain): void {
  if (kill && completion === 'callback') {
    complain([...path, 'kill'], 'a container that is killed cannot call back; use completion: blocking or polling');
  }
}

function checkStart(
  { start, arrivals, actions, requests, restMs }: Scenario,
  path: FieldPath,
  complain: Complain,
): void {
  if (!arrivals || start === 'any') return;
  const at = [...path, 'start'];
  if (start === 'warm') {
    if (arrivals.counts) complain(at, 'counts cannot be warmed up, since not every action is called often');
    return;
  }
  if (arrivals.counts) return complain(at, `is ${start}, but the counts say when each action is called`);
  if (start === 'suspended') {
    if (!arrivals.constant) return complain(at, 'is suspended, which needs constant arrivals');
    const restsMs = ((actions?.count ?? 1) * 1_000) / arrivals.constant.perSecond;
    if (restsMs < restMs) {
      complain(
        at,
        `is suspended, but each action would rest for ${Math.round(restsMs)} ms only, and restMs is ${restMs}; have more actions or fewer requests per second`,
      );
    }
    return;
  }
  if (start === 'prewarmed' && !fitsStemCells(actions?.memoryMb)) {
    complain([...path, 'actions', 'memoryMb'], 'is not that of stem cells (256), so no start can be prewarmed');
  }
  if (requests === undefined) complain(at, `is ${start}: every request needs an action of its own, so give requests`);
  if (actions?.count !== undefined) {
    complain([...path, 'actions', 'count'], `start: ${start} gives every request an action of its own`);
  }
}

function eachDistribution(scenario: Scenario, visit: (distribution: Distribution, path: FieldPath) => void): void {
  if (scenario.actions?.memoryMb !== undefined) visit(scenario.actions.memoryMb, ['actions', 'memoryMb']);
  if (scenario.arrivals?.closed) visit(scenario.arrivals.closed.thinkMs, ['arrivals', 'closed', 'thinkMs']);
  const ofStep = ({ parallel, ...plain }: Step, path: FieldPath): void => {
    for (const [field, value] of Object.entries(plain)) if (value !== undefined) visit(value, [...path, field]);
    parallel?.forEach((step, at) => ofStep(step, [...path, 'parallel', at]));
  };
  const { work } = scenario;
  if (Array.isArray(work)) work.forEach((step, at) => ofStep(step, ['work', at]));
  else if (work) ofStep(work, ['work']);
}
