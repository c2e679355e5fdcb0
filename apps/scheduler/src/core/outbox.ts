// What one stream still has to say. A message gets its number when it leaves, not when it is put in.
//
// Guarantee: at most one message of each kind for each container or action key waits here, the newest; so a controller that does not
// read costs memory by its containers and keys, not by traffic.
import type { shareStates } from '#protocol';
import type { Effect } from './effects';
import type { Session } from './session';

type Body = NonNullable<shareStates.SchedulerMessage['body']>;

interface Waiting {
  readonly body: Body;
  readonly onLeave: ((number: number) => void) | undefined;
}

/** What a newer message of this kind replaces. */
function subjectOf(body: Body): string {
  switch (body.$case) {
    case 'grant':
      return `grant ${body.value.container?.id} ${body.value.grantId}`;
    case 'reclaim':
    case 'retire':
    case 'gone':
      return `${body.$case} ${body.value.containerId} ${body.value.grantId}`;
    case 'denied':
    case 'failed':
    case 'hint':
      return `${body.$case} ${body.value.actionKey}`;
    case 'welcome':
    case 'superseded':
    case 'report':
      return body.$case;
  }
}

export class Outbox {
  /** Before all others. Mostly nothing else waits, and so nothing has to be found by its subject. */
  private first: Waiting | undefined;
  private readonly waiting = new Map<string, Waiting>();
  private sent = 0;

  constructor(private readonly epoch: bigint) {}

  get size(): number {
    return this.waiting.size + (this.first ? 1 : 0);
  }

  put(body: Body, onLeave?: (number: number) => void): void {
    if (this.size === 0) {
      this.first = { body, onLeave };
      return;
    }
    const subject = subjectOf(body);
    if (this.first && subjectOf(this.first.body) === subject) this.first = undefined;
    this.waiting.delete(subject);
    this.waiting.set(subject, { body, onLeave });
  }

  /** The next message to leave, numbered; undefined when nothing waits. */
  take(): shareStates.SchedulerMessage | undefined {
    const next = this.next();
    if (!next) return undefined;
    this.sent += 1;
    next.onLeave?.(this.sent);
    return { number: this.sent, epoch: this.epoch, body: next.body };
  }

  private next(): Waiting | undefined {
    const { first } = this;
    this.first = undefined;
    if (first) return first;
    for (const [subject, waiting] of this.waiting) {
      this.waiting.delete(subject);
      return waiting;
    }
    return undefined;
  }
}

/** Says something on a session's stream. */
export function tell(
  context: { readonly effects: Effect[] },
  { outbox, stream }: Session,
  body: Body,
  onLeave?: (number: number) => void,
): void {
  outbox.put(body, onLeave);
  context.effects.push({ kind: 'send', stream });
}
