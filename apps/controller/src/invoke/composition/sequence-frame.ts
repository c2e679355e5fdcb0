// A sequence under way: the result of each component is the payload of the next. Pure.
//
// Guarantees: components run in order, each once, until one's result has an `error`, which then is the sequence's; one that is gone is noticed
// when its turn comes; never more than `lengthMax` atomic actions, those of inner sequences included. A component's own parameters are
// merged where it is run; those of the sequence are not used at all.
import { type EntityName, type ExecutableAction, membersOf, messages, parseFullyQualifiedName } from '#entity';
import {
  applicationError,
  type ComponentEnd,
  Frame,
  type FrameFacts,
  type FrameNext,
  type NotFound,
  type NotRun,
  type Response,
  whiskError,
} from './frame';

export class SequenceFrame extends Frame {
  private readonly components: readonly EntityName[];
  private at = 0;
  private payload = '{}';
  private response: Response | undefined;

  constructor(
    facts: FrameFacts,
    private readonly lengthMax: number,
    /** Of the sequences around it, so far. */
    public atomicCount: number,
  ) {
    super(facts);
    this.components = componentsOf(facts.action);
  }

  begin(payload: string): FrameNext {
    this.payload = payload;
    return this.advance();
  }

  found(action: ExecutableAction): FrameNext {
    const { payload } = this;
    // Not kept for as long as the component runs.
    this.payload = '{}';
    if (action.composition !== 'sequence') this.atomicCount += 1;
    return { next: 'run', action, payload, as: 'component' };
  }

  notFound(why: NotFound): FrameNext {
    return why === 'unreadable'
      ? whiskError(messages.sequenceFailed)
      : applicationError(messages.sequenceComponentMissing);
  }

  ended(end: ComponentEnd): FrameNext {
    this.account(end);
    this.atomicCount = Math.max(this.atomicCount, end.atomicCount);
    this.response = end.response;
    this.at += 1;
    const { result } = end.response;
    if (membersOf(result)?.has('error')) return { next: 'respond', response: end.response };
    this.payload = result;
    return this.advance();
  }

  notRun(why: NotRun): FrameNext {
    if (why.why === 'failed') return whiskError(messages.sequenceFailed);
    if (why.why !== 'timed out') return applicationError(messages.sequenceTooLong);
    this.logs.push(why.activationId);
    return whiskError(messages.sequenceTimedOut(why.activationId));
  }

  private advance(): FrameNext {
    const name = this.components[this.at];
    if (name === undefined) {
      return this.response ? { next: 'respond', response: this.response } : whiskError(messages.sequenceFailed);
    }
    if (this.atomicCount >= this.lengthMax) return applicationError(messages.sequenceTooLong);
    return { next: 'find', name, isChecked: false };
  }
}

/** The components of a stored sequence, which were checked when it was written. */
export function componentsOf({ exec }: Pick<ExecutableAction, 'exec'>): readonly EntityName[] {
  return (exec.components ?? []).flatMap((component) => {
    const name = parseFullyQualifiedName(component.startsWith('/') ? component.slice(1) : component);
    return name === undefined ? [] : [name];
  });
}
