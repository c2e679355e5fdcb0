// Containers that nobody has used for `idleRemovalMs` are given up: their owner is asked, or, where nobody owns them, they are removed.
// Not before a new leader has settled, since until then it does not know what was used when.
//
// A deadline stays where it is while its container is used; only when it is reached, it is set to when the container will really
// have been idle for so long. So use costs nothing here, and a deadline is moved once in `idleRemovalMs`.
import type { Asks } from './asks';
import type { Container } from './container';
import type { Context } from './context';
import type { Removals } from './removals';
import { isSet } from './timers';

export class IdleWatch {
  constructor(
    private readonly context: Context,
    private readonly asks: Asks,
    private readonly removals: Removals,
  ) {}

  /** Called after every change of state. */
  changed(container: Container): void {
    if (isIdle(container)) this.watch(container);
  }

  /** It is known no more. */
  forget(container: Container): void {
    this.context.idleTimers.drop(container.idleDeadline);
    container.idleDeadline = undefined;
  }

  private watch(container: Container): void {
    const { limits, sinceMs, nowMs } = this.context;
    const atMs = Math.max(container.lastUsedMs + limits.idleRemovalMs, sinceMs + limits.settleMs, nowMs + 1);
    const { idleDeadline } = container;
    if (isSet(idleDeadline) && idleDeadline.priority <= atMs) return;
    container.idleDeadline = this.context.idleTimers.keep(container.idleDeadline, atMs, this.look, container);
  }

  private readonly look = (container: Container): void => {
    if (!isIdle(container)) return;
    const { idleRemovalMs } = this.context.limits;
    if (this.context.nowMs - container.lastUsedMs < idleRemovalMs) return this.watch(container);
    if (container.state === 'parked') return this.removals.start(container, 'drained');
    // Nobody can be asked; if its owner comes back, it says how long it has been idle.
    if (!container.owner?.session) return this.watch(container);
    container.isDoomed = true;
    this.asks.reclaim(container, `idle for ${idleRemovalMs} ms`);
  };
}

function isIdle({ state }: Container): boolean {
  return state === 'free' || state === 'suspended' || state === 'parked';
}
