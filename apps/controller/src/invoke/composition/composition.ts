// A composition under way: a topmost sequence or conductor, and what it is inside of at this moment, as a stack of frames. Pure.
//
// Something happened in, what has to be done next out; there is always exactly one next thing, since a composition runs one activation at a
// time. Guarantees: it ends, however its actions call each other: nested at most `compositionDepthCount` deep, with at most
// `compositionActivationsCount` runs in all; every inner composition that was begun is ended before the one around it. Time (wall clock,
// milliseconds) and ids come from outside.
import type { ExecutableAction } from '#entity';
import type { Limits } from '#limits';
import { ConductorFrame } from './conductor-frame';
import type { ComponentEnd, Frame, FrameFacts, FrameNext, NotFound, NotRun, Response } from './frame';
import { SequenceFrame } from './sequence-frame';

export type CompositionLimits = Pick<
  Limits,
  'sequenceLengthCount' | 'compositionDepthCount' | 'compositionActivationsCount'
>;

/** A composition has ended, and owes a record. */
export interface CompositionEnd {
  readonly facts: FrameFacts;
  /** Wall clock. */
  readonly end: number;
  /** Sum of what ran for it. */
  readonly durationMs: number;
  /** The most of what ran for it; undefined if nothing did. */
  readonly memoryMb: number | undefined;
  readonly logs: readonly string[];
  readonly response: Response;
}

/** `run` an action that is no composition (or the conductor's own code), as a part of `cause`; `find` an action; or all is over. */
export type Order =
  | Extract<FrameNext, { next: 'find' }>
  | { readonly next: 'run'; readonly action: ExecutableAction; readonly payload: string; readonly cause: string }
  | { readonly next: 'finish'; readonly end: CompositionEnd };

export interface CompositionStep {
  /** Inner compositions that have begun, and that have ended, in this step; in order. */
  readonly begun: readonly FrameFacts[];
  readonly ended: readonly CompositionEnd[];
  readonly order: Order;
}

export class Composition {
  private readonly stack: Frame[] = [];
  private activations = 0;

  constructor(
    readonly topmost: FrameFacts,
    /** Namespace of the caller. */
    private readonly namespace: string,
    private readonly limits: CompositionLimits,
    private readonly newId: (nowMs: number) => string,
  ) {}

  begin(payload: string, nowMs: number): CompositionStep {
    const frame = this.frame(this.topmost);
    this.stack.push(frame);
    return this.follow(frame.begin(payload), nowMs);
  }

  found(action: ExecutableAction, nowMs: number): CompositionStep {
    return this.follow(this.top.found(action), nowMs);
  }

  notFound(why: NotFound, nowMs: number): CompositionStep {
    return this.follow(this.top.notFound(why), nowMs);
  }

  /** What was ordered to run has ended, well or badly. */
  ended(end: Omit<ComponentEnd, 'atomicCount'>, nowMs: number): CompositionStep {
    return this.follow(this.top.ended({ ...end, atomicCount: 0 }), nowMs);
  }

  /** What was ordered to run was not. */
  notRun(why: NotRun, nowMs: number): CompositionStep {
    return this.follow(this.top.notRun(why), nowMs);
  }

  private get top(): Frame {
    const top = this.stack.at(-1);
    if (!top) throw new Error(`composition ${this.topmost.activationId}: told of something after its end`);
    return top;
  }

  private follow(first: FrameNext, nowMs: number): CompositionStep {
    const begun: FrameFacts[] = [];
    const ended: CompositionEnd[] = [];
    for (let next = first; ;) {
      const { top } = this;
      if (next.next === 'find') return { begun, ended, order: next };
      if (next.next === 'respond') {
        const end = this.pop(top, next.response, nowMs);
        const around = this.stack.at(-1);
        if (!around) return { begun, ended, order: { next: 'finish', end } };
        ended.push(end);
        const { durationMs, memoryMb, response, facts } = end;
        const { activationId } = facts;
        next = around.ended({ activationId, durationMs, memoryMb, response, atomicCount: top.atomicCount });
      } else if (next.as === 'component' && next.action.composition !== undefined) {
        if (this.stack.length >= this.limits.compositionDepthCount) {
          next = top.notRun({ why: 'too deep' });
          continue;
        }
        const inner = this.enter(next.action, top, nowMs);
        begun.push(inner.facts);
        next = inner.begin(next.payload);
      } else if (this.activations >= this.limits.compositionActivationsCount) {
        next = top.notRun({ why: 'too many' });
      } else {
        this.activations += 1;
        const { action, payload } = next;
        return { begun, ended, order: { next: 'run', action, payload, cause: top.facts.activationId } };
      }
    }
  }

  private enter(action: ExecutableAction, around: Frame, nowMs: number): Frame {
    const facts = {
      action,
      activationId: this.newId(nowMs),
      cause: around.facts.activationId,
      start: nowMs,
      waitTimeMs: 0,
    };
    const inner = this.frame(facts, around);
    this.stack.push(inner);
    return inner;
  }

  private frame(facts: FrameFacts, around?: Frame): Frame {
    const { sequenceLengthCount } = this.limits;
    if (facts.action.composition === 'sequence') {
      return new SequenceFrame(facts, sequenceLengthCount, around?.atomicCount ?? 0);
    }
    const budget = around instanceof ConductorFrame ? around.budget : { components: 0, conductors: 0 };
    return new ConductorFrame(facts, sequenceLengthCount, this.namespace, budget);
  }

  private pop({ facts, logs, durationMs, memoryMb }: Frame, response: Response, nowMs: number): CompositionEnd {
    this.stack.pop();
    return { facts, end: nowMs, durationMs, memoryMb, logs, response };
  }
}
