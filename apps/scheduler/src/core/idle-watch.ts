// Containers that nobody has used for `idleRemovalMs` are given up: their owner is asked, or, where nobody owns them, they are removed.
// Not before a new leader has settled, since until then it does not know what was used when.
import type { Asks } from './asks';
import type { Container } from './container';
import type { Context } from './context';
import type { Removals } from './removals';

export class IdleWatch {
  constructor(
    private readonly context: Context,
    private readonly asks: Asks,
    private readonly removals: Removals,
  ) {}

  /** Called after every change of state. */
  changed(container: Container): void {
    if (isIdle(container)) this.watch(container);
    else this.forget(container);
  }

  /** Also when it is known no more. */
  forget(container: Container): void {
    this.context.timers.drop(container.idleDeadline);
    container.idleDeadline = undefined;
  }

  private watch(container: Container): void {
    const { limits, sinceMs, nowMs } = this.context;
    const atMs = Math.max(container.lastUsedMs + limits.idleRemovalMs, sinceMs + limits.settleMs, nowMs + 1);
    container.idleDeadline = this.context.timers.keep(container.idleDeadline, atMs, () => this.look(container));
  }

  private look(container: Container): void {
    if (!isIdle(container)) return;
    const { idleRemovalMs } = this.context.limits;
    if (this.context.nowMs - container.lastUsedMs < idleRemovalMs) return this.watch(container);
    if (container.state === 'parked') return this.removals.start(container, 'drained');
    // Nobody can be asked; if its owner comes back, it says how long it has been idle.
    if (!container.owner?.session) return this.watch(container);
    container.isDoomed = true;
    this.asks.reclaim(container, `idle for ${idleRemovalMs} ms`);
  }
}

function isIdle({ state }: Container): boolean {
  return state === 'free' || state === 'suspended' || state === 'parked';
}
