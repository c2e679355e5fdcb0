// Whether a namespace may invoke, or fire, once more: per minute, and at once (compatibility notes, 5.4).
//
// Guarantees: what is decided here without asking costs no promise and no object; whoever has to ask waits for at most `throttleWaitMs`, and then
// the controller's own share of the limit decides. A charged invocation is one in flight until `release`. Refused requests count for the
// minute, and one that is refused for concurrency has used its permit of the minute, as in OpenWhisk.
import type { Clock } from '#clock';
import { type Identity, type Rejection, rejections } from '#entity';
import type { Limits } from '#limits';
import { heldBlock, HeldPermits } from './held-permits';
import type { PermitLender, Rate } from './permit-lender';
import { RateWindow, type Verdict } from './rate-window';

/** `admitted`: charged. Else what is to be asked for, by `settle`. */
export type Charge = 'admitted' | 'rate' | 'concurrency';

type ThrottleLimits = Pick<
  Limits,
  | 'namespaceInvocationsPerMinute'
  | 'namespaceFiresPerMinute'
  | 'namespaceConcurrentInvocationsCount'
  | 'throttleIdleMs'
  | 'throttleRefreshMs'
>;

/** Requests for one thing of one namespace, which are asked for together. */
interface Asking {
  waiting: ((isAsked: boolean) => void)[];
  isUnderWay: boolean;
}

class NamespaceThrottle {
  readonly invocations = new RateWindow();
  readonly fires = new RateWindow();
  readonly concurrency = new HeldPermits();
  readonly asking: Record<Rate | 'concurrency', Asking> = {
    invocations: { waiting: [], isUnderWay: false },
    fires: { waiting: [], isUnderWay: false },
    concurrency: { waiting: [], isUnderWay: false },
  };
  /** The limit that held last, for what is given back. */
  concurrentLimit = 0;
  /** When an invocation was last asked for, and when the lender last heard what is held. */
  lastMs = 0;
  heldMs = 0;

  constructor(readonly namespace: string) {}
}

export class Throttles {
  private readonly namespaces = new Map<string, NamespaceThrottle>();

  constructor(
    private readonly lender: PermitLender,
    private readonly limits: ThrottleLimits,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Charges an invocation if that can be decided now; else `settle` has to be asked. */
  charge(identity: Identity): Charge {
    const throttle = this.of(identity.namespace);
    const limit = identity.limits.invocationsPerMinute ?? this.limits.namespaceInvocationsPerMinute;
    const minute = this.lender.minuteAt(this.clock.now());
    if (throttle.invocations.request(minute, limit, this.lender.ownShare(limit)) !== 'yes') return 'rate';
    if (this.lender.isConnected) this.borrowAhead(throttle, 'invocations', minute, limit);
    return this.enter(identity, throttle) === 'yes' ? 'admitted' : 'concurrency';
  }

  /** Goes on where `charge` could not: resolves once it is charged, throws the 429 if it may not be. */
  async settle(identity: Identity, charge: Charge): Promise<void> {
    const throttle = this.of(identity.namespace);
    if (charge === 'rate') {
      const limit = identity.limits.invocationsPerMinute ?? this.limits.namespaceInvocationsPerMinute;
      await this.awaitRate(throttle, 'invocations', limit);
      if (this.enter(identity, throttle) === 'yes') return;
    } else if (charge === 'admitted') return;
    await this.awaitConcurrency(identity, throttle);
  }

  /** `charge` and `settle` in one. */
  async admit(identity: Identity): Promise<void> {
    const charge = this.charge(identity);
    if (charge !== 'admitted') await this.settle(identity, charge);
  }

  /** Charges a fire of a trigger; throws the 429 if it may not be. Nothing is to be released. */
  async fire({ namespace, limits: own }: Identity): Promise<void> {
    const throttle = this.of(namespace);
    const limit = own.firesPerMinute ?? this.limits.namespaceFiresPerMinute;
    const minute = this.lender.minuteAt(this.clock.now());
    if (throttle.fires.request(minute, limit, this.lender.ownShare(limit)) === 'yes') {
      if (this.lender.isConnected) this.borrowAhead(throttle, 'fires', minute, limit);
    } else await this.awaitRate(throttle, 'fires', limit);
  }

  /** One is in flight here that was admitted elsewhere. */
  force(namespace: string): void {
    this.of(namespace).concurrency.force();
  }

  /** One that was charged or forced is over, or was not begun after all. */
  release(namespace: string): void {
    this.of(namespace).concurrency.release();
  }

  inFlight(namespace: string): number {
    return this.namespaces.get(namespace)?.concurrency.inFlight ?? 0;
  }

  /** Gives back what is held without need, and forgets namespaces of which there is nothing to know. */
  tick(now: number): void {
    const minute = this.lender.minuteAt(now);
    for (const throttle of this.namespaces.values()) {
      const { concurrency, invocations, fires, namespace, asking } = throttle;
      if (this.lender.isConnected) this.adjust(throttle, now);
      const isAsking = Object.values(asking).some(({ isUnderWay }) => isUnderWay);
      if (!isAsking && concurrency.isUnused && invocations.isOver(minute) && fires.isOver(minute))
        this.namespaces.delete(namespace);
    }
  }

  /** How many namespaces are watched. */
  get size(): number {
    return this.namespaces.size;
  }

  private of(namespace: string): NamespaceThrottle {
    const known = this.namespaces.get(namespace);
    if (known !== undefined) return known;
    const throttle = new NamespaceThrottle(namespace);
    this.namespaces.set(namespace, throttle);
    return throttle;
  }

  private enter(identity: Identity, throttle: NamespaceThrottle): Verdict {
    const limit = this.concurrentLimitOf(identity);
    throttle.concurrentLimit = limit;
    throttle.lastMs = this.clock.now();
    const verdict = throttle.concurrency.request(limit, this.lender.ownShare(limit));
    if (verdict === 'yes' && this.lender.isConnected && heldBlock(limit) > 0) this.holdAhead(throttle, limit);
    return verdict;
  }

  private concurrentLimitOf({ limits: own }: Identity): number {
    return own.concurrentInvocations ?? this.limits.namespaceConcurrentInvocationsCount;
  }

  private async awaitRate(throttle: NamespaceThrottle, rate: Rate, limit: number): Promise<void> {
    const window = throttle[rate];
    for (;;) {
      // The lender may have gone, or come, while this waited.
      const verdict = window.again(this.minute(), limit, this.lender.ownShare(limit));
      if (verdict === 'yes') return;
      if (verdict === 'no') throw rejections.tooManyRequests(window.counted, limit);
      if (await this.queueUp(throttle.asking[rate], () => this.askRate(throttle, rate, limit))) continue;
      return this.decide(window.again(this.minute(), limit, this.lender.shareOf(limit)), () =>
        rejections.tooManyRequests(window.counted, limit),
      );
    }
  }

  private async awaitConcurrency(identity: Identity, throttle: NamespaceThrottle): Promise<void> {
    const limit = this.concurrentLimitOf(identity);
    const { concurrency, asking } = throttle;
    const refusal = (): Rejection => rejections.tooManyConcurrentRequests(concurrency.counted, limit);
    if (concurrency.request(limit, this.lender.ownShare(limit)) === 'yes') return;
    const isToBeAsked = this.lender.isConnected && concurrency.inFlight < limit;
    const isAsked = isToBeAsked && (await this.queueUp(asking.concurrency, () => this.askConcurrency(throttle, limit)));
    const own = isToBeAsked && !isAsked ? this.lender.shareOf(limit) : this.lender.ownShare(limit);
    return this.decide(concurrency.request(limit, own), refusal);
  }

  private decide(verdict: Verdict, refusal: () => Rejection): void {
    if (verdict !== 'yes') throw refusal();
  }

  private minute(): number {
    return this.lender.minuteAt(this.clock.now());
  }

  private queueUp(asking: Asking, ask: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      asking.waiting.push(resolve);
      void ask();
    });
  }

  private borrowAhead(throttle: NamespaceThrottle, rate: Rate, minute: number, limit: number): void {
    if (!throttle.asking[rate].isUnderWay && throttle[rate].wanted(minute, limit, 0) > 0)
      void this.askRate(throttle, rate, limit);
  }

  private askRate(throttle: NamespaceThrottle, rate: Rate, limit: number): Promise<void> {
    const window = throttle[rate];
    return this.ask(throttle.asking[rate], async (waiting) => {
      const wanted = window.wanted(this.minute(), limit, waiting);
      if (wanted > 0) window.borrowed(await this.lender.lend(rate, throttle.namespace, wanted, limit), wanted, limit);
    });
  }

  private holdAhead(throttle: NamespaceThrottle, limit: number): void {
    if (!throttle.asking.concurrency.isUnderWay && throttle.concurrency.wanted(limit, 0) !== undefined)
      void this.askConcurrency(throttle, limit);
  }

  private askConcurrency(throttle: NamespaceThrottle, limit: number): Promise<void> {
    return this.ask(throttle.asking.concurrency, async (waiting) => {
      const wanted = throttle.concurrency.wanted(limit, waiting);
      if (wanted !== undefined) await this.hold(throttle, wanted, limit);
    });
  }

  /** Gives back what is not needed, and says again what is held: whoever lends may have lost it. */
  private adjust(throttle: NamespaceThrottle, now: number): void {
    const { concurrency, asking, concurrentLimit: limit } = throttle;
    if (asking.concurrency.isUnderWay) return;
    const { throttleIdleMs, throttleRefreshMs } = this.limits;
    const surplus = concurrency.surplus(limit, now - throttle.lastMs > throttleIdleMs);
    const isDue = concurrency.holds > 0 && now - throttle.heldMs > throttleRefreshMs;
    const wanted = surplus ?? (isDue ? concurrency.holds : undefined);
    if (wanted === undefined) return;
    void this.ask(asking.concurrency, () => this.hold(throttle, wanted, limit));
  }

  private async hold(throttle: NamespaceThrottle, wanted: number, limit: number): Promise<void> {
    const { concurrency, namespace } = throttle;
    throttle.heldMs = this.clock.now();
    concurrency.giveUp(wanted);
    concurrency.borrowed(await this.lender.hold(namespace, wanted, concurrency.inFlight, limit));
  }

  /** One question at a time; those who come meanwhile wait for the next. */
  private async ask(asking: Asking, question: (waiting: number) => Promise<void>): Promise<void> {
    if (asking.isUnderWay) return;
    asking.isUnderWay = true;
    try {
      do {
        const waiting = asking.waiting.splice(0);
        const isAnswered = await question(waiting.length).then(
          () => true,
          // The lender says itself what is wrong.
          () => false,
        );
        for (const resolve of waiting) resolve(isAnswered);
      } while (asking.waiting.length > 0);
    } finally {
      asking.isUnderWay = false;
    }
  }
}
