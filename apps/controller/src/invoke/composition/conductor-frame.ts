// A conductor under way: an action that says, run by run, which action comes next. Pure.
//
// Its result `{action, params, state}` has `action` run with `params`, and the conductor again with what that answered, `state` over it; without
// `action` the composition ends with `params`, or with the whole result. Guarantees: at most `lengthMax` components and 2 * `lengthMax` + 1
// runs of conductors, those of inner compositions included, which share the budget; what is wrong with a named action is told to the
// conductor, as the error of a component is; only an unsuccessful conductor ends the composition as an error.
import { type ExecutableAction, fullyQualifiedName, membersOf, mergedText, messages } from '#entity';
import { componentName, valueText } from './component-name';
import {
  applicationError,
  type ComponentEnd,
  errorText,
  Frame,
  type FrameFacts,
  type FrameNext,
  type NotFound,
  type NotRun,
  whiskError,
} from './frame';

/** What a hierarchy of compositions has used up. */
export interface Budget {
  components: number;
  conductors: number;
}

export class ConductorFrame extends Frame {
  /** A composition counts as one atomic action of the sequence around it. */
  readonly atomicCount = 0;
  private running: 'conductor' | 'component' = 'conductor';
  private params = '{}';
  private state: string | undefined;
  /** The one that is looked for. */
  private name = '';

  constructor(
    facts: FrameFacts,
    private readonly lengthMax: number,
    /** Namespace of the caller. */
    private readonly namespace: string,
    readonly budget: Budget,
  ) {
    super(facts);
    this.memoryMb = facts.action.limits.memory;
  }

  begin(payload: string): FrameNext {
    return this.conduct(payload);
  }

  found(action: ExecutableAction): FrameNext {
    const payload = this.params;
    this.params = '{}';
    this.running = 'component';
    // One that is a conductor itself counts its own runs.
    if (action.composition !== 'conductor') this.budget.components += 1;
    return { next: 'run', action, payload, as: 'component' };
  }

  notFound(why: NotFound): FrameNext {
    const { name } = this;
    return this.tell(
      why === 'not allowed' ? messages.compositionNameNotAllowed(name) : messages.compositionNameNotFound(name),
    );
  }

  ended(end: ComponentEnd): FrameNext {
    this.account(end);
    return this.running === 'component' ? this.conduct(end.response.result) : this.follow(end);
  }

  notRun(why: NotRun): FrameNext {
    if (why.why === 'failed') return whiskError(messages.compositionFailed);
    if (why.why === 'too deep') return this.tell(messages.compositionTooLong);
    if (why.why === 'too many') return applicationError(messages.compositionTooLong);
    this.logs.push(why.activationId);
    return whiskError(messages.compositionTimedOut(why.activationId));
  }

  /** What the conductor said. */
  private follow({ response }: ComponentEnd): FrameNext {
    const { statusCode, result } = response;
    const members = membersOf(result);
    const params = boxed('value', members?.get('params'));
    this.state = boxed('state', members?.get('state'));
    const action = members?.get('action');
    if (action === undefined) {
      return { next: 'respond', response: { statusCode, result: params ?? result, size: undefined } };
    }
    const name = componentName(action, this.namespace);
    if (name === undefined) return this.tell(messages.compositionNameInvalid(valueText(action)));
    if (this.budget.components >= this.lengthMax) return this.tell(messages.compositionTooLong);
    this.params = params ?? '{}';
    this.name = fullyQualifiedName(name);
    return { next: 'find', name, isChecked: true };
  }

  private tell(error: string): FrameNext {
    return this.conduct(errorText(error));
  }

  private conduct(payload: string): FrameNext {
    if (this.budget.conductors > 2 * this.lengthMax) return applicationError(messages.compositionTooLong);
    this.budget.conductors += 1;
    this.running = 'conductor';
    return { next: 'run', action: this.facts.action, payload: this.withState(payload), as: 'conductor' };
  }

  /** A list has no place for the state beside it: it becomes the `value`, as a list of params does. */
  private withState(payload: string): string {
    return this.state === undefined ? payload : mergedText(boxed('value', payload)!, this.state);
  }
}

/** An object as it is; anything else as the member of that name. */
function boxed(name: string, value: string | undefined): string | undefined {
  return value === undefined || value.startsWith('{') ? value : `{"${name}":${value}}`;
}
