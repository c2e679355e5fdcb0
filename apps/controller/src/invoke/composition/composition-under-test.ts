// A composition with its world played by the test: actions that answer as functions do, at once, and a trace of what was run.
import {
  activationStatus,
  type EntityName,
  type ExecutableAction,
  fullyQualifiedName,
  parseFullyQualifiedName,
} from '#entity';
import { defaultLimits } from '#limits';
import { Composition, type CompositionEnd, type CompositionStep } from './composition';
import type { FrameFacts, NotFound, NotRun } from './frame';

/** What an action answers; `not run` as the platform may say. */
export type Answer =
  { readonly result: unknown; readonly ms?: number; readonly statusCode?: 0 | 1 | 2 | 3 } | NotRun['why'];
export type Behaviour = (payload: Record<string, unknown>, run: number) => Answer;

export function actionOf(name: string, parts: Partial<ExecutableAction> = {}): ExecutableAction {
  const { namespace, packageName, name: last } = parseFullyQualifiedName(name)!;
  return {
    namespace,
    packageName,
    name: last,
    fullyQualifiedName: name,
    binding: undefined,
    version: '0.0.1',
    revision: 1,
    exec: { kind: 'nodejs:20' },
    parameters: [],
    initEnvironment: {},
    immutableParameters: new Set(),
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
    annotations: [],
    providesApiKey: false,
    composition: undefined,
    retries: 0,
    ...parts,
  };
}

export const sequenceOf = (name: string, components: readonly string[]): ExecutableAction =>
  actionOf(name, {
    exec: { kind: 'sequence', components: components.map((component) => `/${component}`) },
    composition: 'sequence',
  });

export const conductorOf = (name: string): ExecutableAction => actionOf(name, { composition: 'conductor' });

interface Run {
  readonly name: string;
  readonly payload: unknown;
  readonly cause: string;
  readonly id: string;
}

export class CompositionUnderTest {
  readonly runs: Run[] = [];
  readonly begun: FrameFacts[] = [];
  readonly ended: CompositionEnd[] = [];
  private readonly actions = new Map<string, ExecutableAction>();
  private readonly behaviours = new Map<string, Behaviour>();
  private readonly refusals = new Map<string, NotFound>();
  private ids = 0;
  private nowMs = 1_000;

  constructor(private readonly limits: Partial<typeof defaultLimits> = {}) {}

  has(action: ExecutableAction, behaviour?: Behaviour): this {
    this.actions.set(action.fullyQualifiedName, action);
    if (behaviour) this.behaviours.set(action.fullyQualifiedName, behaviour);
    return this;
  }

  refuses(name: string, why: NotFound): this {
    this.refusals.set(name, why);
    return this;
  }

  /** Carries it out to its end. */
  run(name: string, payload: unknown = {}): CompositionEnd {
    const action = this.actions.get(name)!;
    const facts = { action, activationId: this.newId(), cause: undefined, start: this.nowMs, waitTimeMs: 0 };
    const composition = new Composition(facts, 'guest', { ...defaultLimits, ...this.limits }, () => this.newId());
    for (let step = composition.begin(JSON.stringify(payload), this.nowMs); ;) {
      this.begun.push(...step.begun);
      this.ended.push(...step.ended);
      const { order } = step;
      if (order.next === 'finish') return order.end;
      if (order.next === 'find') step = this.find(composition, order.name);
      else step = this.answer(composition, order.action, order.payload, order.cause);
    }
  }

  private find(composition: Composition, name: EntityName): CompositionStep {
    const full = fullyQualifiedName(name);
    const action = this.actions.get(full);
    const refusal = this.refusals.get(full);
    if (refusal !== undefined) return composition.notFound(refusal, this.nowMs);
    return action ? composition.found(action, this.nowMs) : composition.notFound('missing', this.nowMs);
  }

  private answer(
    composition: Composition,
    { fullyQualifiedName: name, limits }: ExecutableAction,
    text: string,
    cause: string,
  ): CompositionStep {
    const payload = JSON.parse(text) as Record<string, unknown>;
    const id = this.newId();
    const before = this.runs.filter((run) => run.name === name).length;
    const answer = this.behaviours.get(name)?.(payload, before) ?? { result: payload };
    if (answer !== 'failed') this.runs.push({ name, payload, cause, id });
    if (typeof answer === 'string') {
      const why: NotRun = answer === 'timed out' ? { why: answer, activationId: id } : { why: 'failed' };
      return composition.notRun(why, this.nowMs);
    }
    const { result, ms = 10 } = answer;
    this.nowMs += ms + 1;
    const isError = typeof result === 'object' && result !== null && 'error' in result;
    const statusCode = answer.statusCode ?? (isError ? activationStatus.applicationError : activationStatus.success);
    const response = { statusCode, result: JSON.stringify(result), size: JSON.stringify(result).length };
    return composition.ended({ activationId: id, durationMs: ms, memoryMb: limits.memory, response }, this.nowMs);
  }

  private newId(): string {
    this.ids += 1;
    return this.ids.toString(16).padStart(32, '0');
  }
}
