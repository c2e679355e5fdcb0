// Containers that nobody has used for as long as the keep-alive policy says (`idleRemovalMs` if fixed) are given up: their owner is asked, or, where nobody owns them, they are removed.
// Not before a new leader has settled, since until then it does not know what was used when.
//
// A deadline stays where it is while its container is used; only when it is reached, it is set to when the container will really
// have been idle for so long. So use costs nothing here, and a deadline is moved once in `idleRemovalMs`.
import type { Asks } from './asks';
import type { Container, ContainerState } from './container';
import type { Context } from './context';
import { IdleTimesByKey } from './idle-times';
import { hybridHistogram, type KeepAlive } from './keep-alive';
import type { Removals } from './removals';
import { isSet } from './timers';

export class IdleWatch {
  private readonly idleTimes: IdleTimesByKey;

  constructor(
    private readonly context: Context,
    private readonly asks: Asks,
    private readonly removals: Removals,
    private readonly keepAlive: KeepAlive,
  ) {
    this.idleTimes = new IdleTimesByKey(context.limits);
  }

  /** Called after every change of state. */
  changed(container: Container, from: ContainerState): void {
    if (this.keepAlive === hybridHistogram) this.learn(container, from);
    if (isIdle(container)) this.watch(container);
  }

  /** It is known no more. */
  forget(container: Container): void {
    this.context.idleTimers.drop(container.idleDeadline);
    container.idleDeadline = undefined;
  }

  /** Only where the policy asks for it. */
  private learn({ state, note, lastUsedMs }: Container, from: ContainerState): void {
    if (!note) return;
    if (state === 'busy') this.idleTimes.used(note.actionKey, this.context.nowMs);
    else if (from === 'busy') this.idleTimes.rests(note.actionKey, Math.min(lastUsedMs, this.context.nowMs));
  }

  /** For how long it is kept, Infinity if until its memory is needed. */
  private keepMs({ note }: Container): number {
    const { idleRemovalMs } = this.context.limits;
    return this.keepAlive(idleRemovalMs, note && this.idleTimes.of(note.actionKey));
  }

  private watch(container: Container): void {
    const { limits, sinceMs, nowMs } = this.context;
    const keepMs = this.keepMs(container);
    if (keepMs === Infinity) return;
    const atMs = Math.max(container.lastUsedMs + keepMs, sinceMs + limits.settleMs, nowMs + 1);
    const { idleDeadline } = container;
    if (isSet(idleDeadline) && idleDeadline.priority <= atMs) return;
    container.idleDeadline = this.context.idleTimers.keep(container.idleDeadline, atMs, this.look, container);
  }

  private readonly look = (container: Container): void => {
    if (!isIdle(container)) return;
    const keepMs = this.keepMs(container);
    if (this.context.nowMs - container.lastUsedMs < keepMs) return this.watch(container);
    if (container.state === 'parked') return this.removals.start(container, 'drained');
    // Nobody can be asked; if its owner comes back, it says how long it has been idle.
    if (!container.owner?.session) return this.watch(container);
    container.isDoomed = true;
    this.asks.reclaim(container, `idle for ${keepMs} ms`);
  };
}

function isIdle({ state }: Container): boolean {
  return state === 'free' || state === 'suspended' || state === 'parked';
}
