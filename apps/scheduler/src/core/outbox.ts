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
  private readonly waiting = new Map<string, Waiting>();
  private sent = 0;

  constructor(private readonly epoch: bigint) {}

  get size(): number {
    return this.waiting.size;
  }

  put(body: Body, onLeave?: (number: number) => void): void {
    const subject = subjectOf(body);
    this.waiting.delete(subject);
    this.waiting.set(subject, { body, onLeave });
  }

  /** The next message to leave, numbered; undefined when nothing waits. */
  take(): shareStates.SchedulerMessage | undefined {
    for (const [subject, { body, onLeave }] of this.waiting) {
      this.waiting.delete(subject);
      this.sent += 1;
      onLeave?.(this.sent);
      return { number: this.sent, epoch: this.epoch, body };
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
