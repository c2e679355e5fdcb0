// What a sequence and a conductor have in common: one activation that is carried out by running others, one after the other. Pure.
//
// A frame is told what happened and answers what comes next; the stack of frames (composition.ts) does the rest. Payloads and results are
// JSON text of an object or a list, passed on as actions wrote them.
import { activationStatus, type ActivationStatusCode, type EntityName, type ExecutableAction } from '#entity';

/** `response` of a record. */
export interface Response {
  readonly statusCode: ActivationStatusCode;
  /** JSON text. */
  readonly result: string;
  /** Bytes of a container's answer; undefined if there was none. */
  readonly size: number | undefined;
}

/** One activation that was run for a frame has ended, or an inner composition. */
export interface ComponentEnd {
  readonly activationId: string;
  readonly durationMs: number;
  /** Of its `limits` annotation. */
  readonly memoryMb: number | undefined;
  readonly response: Response;
  /** Atomic actions that an inner sequence has run. */
  readonly atomicCount: number;
}

export type FrameNext =
  /** Find this action; `isChecked`: and whether the caller may use it. */
  | { readonly next: 'find'; readonly name: EntityName; readonly isChecked: boolean }
  /** Run it, or carry it out if it is a composition itself. */
  | {
      readonly next: 'run';
      readonly action: ExecutableAction;
      readonly payload: string;
      readonly as: 'component' | 'conductor';
    }
  /** The frame has ended so. */
  | { readonly next: 'respond'; readonly response: Response };

/** Why an action that was asked for cannot be run. */
export type NotFound = 'missing' | 'not allowed' | 'unreadable';

/** Why a component was not run to its end. */
export type NotRun =
  /** No container came in time; its activation says so. */
  | { readonly why: 'timed out'; readonly activationId: string }
  /** It could not be begun, and has no activation. */
  | { readonly why: 'failed' }
  /** One composition contains no more (LIMIT_COMPOSITION_DEPTH_COUNT, LIMIT_COMPOSITION_ACTIVATIONS_COUNT). */
  | { readonly why: 'too deep' }
  | { readonly why: 'too many' };

export interface FrameFacts {
  readonly action: ExecutableAction;
  readonly activationId: string;
  /** Activation that it is a part of; undefined for the topmost one. */
  readonly cause: string | undefined;
  /** Wall clock. */
  readonly start: number;
  readonly waitTimeMs: number;
}

export abstract class Frame {
  /** Activations that ran for it, in order. */
  readonly logs: string[] = [];
  durationMs = 0;
  memoryMb: number | undefined;

  constructor(readonly facts: FrameFacts) {}

  /** Atomic actions that count against the length of the sequence around it. */
  abstract readonly atomicCount: number;
  abstract begin(payload: string): FrameNext;
  abstract found(action: ExecutableAction): FrameNext;
  abstract notFound(why: NotFound): FrameNext;
  abstract ended(end: ComponentEnd): FrameNext;
  abstract notRun(why: NotRun): FrameNext;

  protected account({ activationId, durationMs, memoryMb }: ComponentEnd): void {
    this.logs.push(activationId);
    this.durationMs += durationMs;
    if (memoryMb !== undefined) this.memoryMb = Math.max(this.memoryMb ?? 0, memoryMb);
  }
}

export const errorText = (text: string): string => `{"error":${JSON.stringify(text)}}`;

export const applicationError = (text: string): FrameNext => respond(activationStatus.applicationError, text);

export const whiskError = (text: string): FrameNext => respond(activationStatus.whiskInternalError, text);

const respond = (statusCode: ActivationStatusCode, text: string): FrameNext => ({
  next: 'respond',
  response: { statusCode, result: errorText(text), size: undefined },
});
