// The data path: what the load balancer decides, done. Posts /init and /run, asks agents to suspend and resume, settles activations.
//
// Guarantees: the decision was taken and reserved before anything here happens; an invocation is settled exactly once; /run is sent at most
// once for each reservation, and again elsewhere only when nothing was sent or the container said that it is shutting down; a queued
// invocation is marked as started in the store before the first byte to its container.

import type { Clock } from '#clock';
import { activationStatus, type ExecutableAction, messages } from '#entity';
import type { Limits } from '#limits';
import type { InvocationQueue } from '#store';
import type { Logger } from '#telemetry';
import type { AgentClient } from './agent-client';
import { ContainerLink } from './container-link';
import { InitCall } from './init-call';
import type { ForwardEnd, Origin } from './forwarding';
import type { FinishedActivation, Invocation } from './invocation';
import { type DataPathEffects, type KeyFailure, LoadBalancer, type Proxy } from './load-balancer';
import type { Recorder } from './recorder';
import { attemptNumber, isLoss } from './retries';
import { RunCall } from './run-call';
import type { AcceptedEntry } from './journal-format';
import { lostControllerText, type RunOutcome, whiskError } from './run-outcome';
import type { Verdict } from './settlement';

export type InvocationProxy = Proxy<Invocation>;

/** What happens in the core that the scheduler must hear. */
export type SchedulerEars<Run = Invocation> = Pick<
  DataPathEffects<Run>,
  'demandChanged' | 'busied' | 'freed' | 'drained' | 'kept' | 'forgotten'
> & { removed(containerId: string, grantId: string, reason: string): void };

export class DataPath implements DataPathEffects<Invocation> {
  readonly balancer: LoadBalancer<Invocation>;
  ears: SchedulerEars | undefined;
  /** Sends one that was chosen to another controller, and calls `forwardEnded` once. */
  forward: ((address: string, invocation: Invocation) => void) | undefined;
  private readonly links = new Map<InvocationProxy, ContainerLink>();

  constructor(
    readonly limits: Limits,
    readonly clock: Clock,
    readonly logger: Logger,
    private readonly recorder: Recorder,
    private readonly agents: AgentClient,
    private readonly queue: Pick<InvocationQueue, 'start'>,
    private readonly codeOf: (action: ExecutableAction) => Promise<string | undefined>,
  ) {
    this.balancer = new LoadBalancer(limits, this);
  }

  /** False: overflow is full, nothing was begun. */
  submit(invocation: Invocation): boolean {
    return this.balancer.submit(invocation, this.clock.now());
  }

  /** Those of that origin who wait are told that they were not run. */
  giveUpWaiting(origin: Origin): void {
    const { overflow } = this.balancer;
    for (const key of [...overflow.keys()]) {
      for (const invocation of overflow.waiters(key).filter((waiter) => waiter.origin === origin)) {
        this.balancer.cancel(invocation);
        this.expired(invocation);
      }
    }
  }

  /** Another controller has this many free containers of the key. */
  hinted(key: string, address: string, free: number): void {
    if (!this.forward) return;
    for (const invocation of this.balancer.hinted(key, address, free)) this.forward(address, invocation);
  }

  /** `activation` is there if it is kept. */
  forwardEnded(
    invocation: Invocation,
    address: string,
    end: ForwardEnd,
    activation: FinishedActivation | undefined,
    tookMs: number,
  ): void {
    const now = this.clock.now();
    this.balancer.forwardEnded(invocation, address, end, now);
    if (end === 'refused') return;
    if (activation) {
      // The other controller keeps the record; nothing is owed here any more.
      invocation.settlement.leftToOthers();
      this.recorder.keptElsewhere(invocation.activationId);
      invocation.owner.finished(activation, invocation.settlement.told());
      return;
    }
    invocation.startedAt = now - tookMs;
    this.settle(invocation, whiskError(lostControllerText), tookMs);
  }

  /** Asked after every wait: this process may have been stopped meanwhile. */
  mayUse(proxy: InvocationProxy): boolean {
    return this.balancer.mayUse(proxy, this.clock.now());
  }

  /** Of a container that ended without an answer. */
  ranOutOfMemory({ container: { agentUrl, id } }: InvocationProxy): Promise<boolean> {
    return this.agents.ranOutOfMemory(agentUrl, id);
  }

  linkOf(proxy: InvocationProxy): ContainerLink {
    let link = this.links.get(proxy);
    if (!link) this.links.set(proxy, (link = this.newLink(proxy.container)));
    return link;
  }

  private newLink({ id, address, isTunnelled }: InvocationProxy['container']): ContainerLink {
    const tunnel = isTunnelled ? { containerId: id, authorization: this.agents.authorization } : undefined;
    return new ContainerLink(address, this.limits.payloadBytes, tunnel);
  }

  // ---- effects of the load balancer ----

  init(proxy: InvocationProxy, invocation: Invocation): void {
    this.begin(proxy, invocation, () => void this.initWithCode(proxy, invocation));
  }

  run(proxy: InvocationProxy, invocation: Invocation): void {
    if (invocation.claim && invocation.startedAt === 0)
      return this.begin(proxy, invocation, () => this.post(proxy, invocation));
    if (invocation.startedAt === 0) invocation.startedAt = this.clock.now();
    // Initialised one container, then ran in another: that is a warm start.
    if (invocation.initialised !== proxy.container.id) invocation.initMs = undefined;
    this.post(proxy, invocation);
  }

  suspend(proxy: InvocationProxy, sequence: number): void {
    const { agentUrl, id, grantId, kind } = proxy.container;
    // A foreign server may time out idle connections while it is frozen; ours never do.
    if (kind === 'blackbox') this.links.get(proxy)?.closeIdle();
    void this.agents.suspend(agentUrl, id, grantId, sequence).then((outcome) => {
      this.balancer.suspendEnded(proxy, sequence, outcome, this.clock.now());
    });
  }

  resume(proxy: InvocationProxy, sequence: number): void {
    const { agentUrl, id, grantId } = proxy.container;
    void this.agents.resume(agentUrl, id, grantId, sequence).then((outcome) => {
      this.balancer.resumeEnded(proxy, sequence, outcome, this.clock.now());
    });
  }

  expired(invocation: Invocation): void {
    this.act(invocation, invocation.settlement.expired(), whiskError(messages.provisioning), 0);
  }

  failed(invocation: Invocation, failure: KeyFailure): void {
    const statusCode =
      failure.class === 'developer' ? activationStatus.actionDeveloperError : activationStatus.whiskInternalError;
    this.settle(
      invocation,
      { statusCode, result: failure.result, size: failure.size, timedOut: false, keepsContainer: false },
      0,
    );
  }

  forgotten(proxy: InvocationProxy): void {
    this.ears?.forgotten(proxy);
    const link = this.links.get(proxy);
    this.links.delete(proxy);
    // A removed container may still be finishing other runs of a higher concurrency: those connections end by themselves.
    link?.retire();
  }

  demandChanged(key: string): void {
    this.ears?.demandChanged(key);
  }

  busied(proxy: InvocationProxy): void {
    this.ears?.busied(proxy);
  }

  freed(proxy: InvocationProxy): void {
    this.ears?.freed(proxy);
  }

  drained(containerId: string, grantId: string): void {
    this.ears?.drained(containerId, grantId);
  }

  kept(containerId: string, grantId: string): void {
    this.ears?.kept(containerId, grantId);
  }

  /** The scheduler hears of it once the agent has collected what the failed activation wrote. */
  removed(proxy: InvocationProxy, reason: string): void {
    const { agentUrl, id, grantId } = proxy.container;
    const failedActivation = this.links.get(proxy)?.failedActivation;
    this.logger.debug(`container ${id}: removed (${reason})`);
    if (failedActivation === undefined) {
      this.ears?.removed(id, grantId, reason);
      return;
    }
    void this.agents.collectFailed(agentUrl, id, failedActivation).then((collected) => {
      if (!collected) this.logger.warn(`container ${id}: its last log lines were not collected`);
      this.ears?.removed(id, grantId, reason);
    });
  }

  // ---- runs ----

  /** How an invocation went: it ends so, unless it has ended before or is run again. */
  settle(invocation: Invocation, outcome: RunOutcome, runMs: number): void {
    const isBegun = invocation.startedAt !== 0;
    const end = { isBegun, isLoss: isLoss(outcome), ageMs: this.clock.now() - invocation.acceptedAt };
    this.act(invocation, invocation.settlement.ended(end, this.limits), outcome, runMs);
  }

  private act(invocation: Invocation, verdict: Verdict, outcome: RunOutcome, runMs: number): void {
    const { owner } = invocation;
    if (verdict === 'record') this.record(invocation, outcome, runMs);
    else if (verdict === 'unavailable' || verdict === 'give back') owner.unrun(invocation);
    else if (verdict === 'again') owner.again?.(invocation, outcome, runMs);
  }

  /** Composes the record of one that is settled, journals it and tells its owner. */
  record(invocation: Invocation, outcome: RunOutcome, runMs: number): void {
    const { template, activationId, acceptedAtMs, claim } = invocation;
    const begun = invocation.startedAt === 0 ? this.clock.now() : invocation.startedAt;
    const waitTime = Math.max(0, Math.round(begun - invocation.acceptedAt));
    const initTime = invocation.initMs === undefined ? undefined : Math.round(invocation.initMs);
    const run = {
      activationId,
      start: acceptedAtMs + waitTime,
      duration: Math.round((invocation.initMs ?? 0) + runMs),
      waitTime,
      initTime,
      attempts: attemptNumber(invocation.settlement.attempts),
      cause: invocation.cause,
      timedOut: outcome.timedOut,
      statusCode: outcome.statusCode,
      result: outcome.result,
      size: outcome.size,
    };
    const record = template.record.record(run);
    this.recorder.finished(template.record.row(run, acceptedAtMs, record, claim), () => {
      invocation.owner.finished({ activationId, outcome, record }, invocation.settlement.told());
    });
  }

  /** Journals that an activation whose id is about to be given out owes a record. */
  owed(entry: AcceptedEntry, told: () => void): void {
    this.recorder.owed(entry, told);
  }

  /** The record of an invocation that never ran, for the journal's `accepted` entry and for what a dead controller left. */
  unrunRecord(invocation: Invocation): ReturnType<Invocation['template']['record']['row']> {
    const outcome = whiskError(messages.provisioning);
    const run = {
      ...outcome,
      activationId: invocation.activationId,
      start: invocation.acceptedAtMs,
      duration: 0,
      waitTime: 0,
      initTime: undefined,
    };
    return invocation.template.record.row(
      run,
      invocation.acceptedAtMs,
      invocation.template.record.record(run),
      invocation.claim,
    );
  }

  /** The container answered /run. */
  runReplied(proxy: InvocationProxy, invocation: Invocation, outcome: RunOutcome, runMs: number): void {
    const { keepsContainer } = outcome;
    const ended = (): void => this.balancer.runEnded(proxy, invocation, keepsContainer, true, this.clock.now());
    if (!keepsContainer) this.failedIn(proxy, invocation);
    if (!keepsContainer || !needsNaming(proxy, invocation)) {
      ended();
      return this.settle(invocation, outcome, runMs);
    }
    // Nothing else runs there until its agent knows whose the output is; the reply does not wait for that.
    this.settle(invocation, outcome, runMs);
    const { agentUrl, id } = proxy.container;
    void this.agents.collectForeign(agentUrl, id, invocation.activationId).then((collected) => {
      if (!collected) this.logger.warn(`activation ${invocation.activationId}: its log was not collected`);
      ended();
    });
  }

  /** The run did not happen: it waits again, and the container is given up. */
  rescheduled(proxy: InvocationProxy, invocation: Invocation): void {
    if (invocation.claim === undefined) invocation.startedAt = 0;
    this.balancer.rescheduled(proxy, invocation, this.clock.now());
  }

  /** /init is over; undefined is success. */
  initEnded(proxy: InvocationProxy, invocation: Invocation, outcome: RunOutcome | undefined, initMs: number): void {
    invocation.initMs = initMs;
    invocation.initialised = proxy.container.id;
    const now = this.clock.now();
    if (!outcome) return this.balancer.initialised(proxy, invocation, now);
    this.failedIn(proxy, invocation);
    const isDeveloper = outcome.statusCode === activationStatus.actionDeveloperError;
    this.settle(invocation, outcome, 0);
    this.balancer.initFailed(
      proxy,
      invocation,
      {
        class: isDeveloper ? 'developer' : 'whisk',
        result: outcome.result,
        ...(outcome.size === undefined ? {} : { size: outcome.size }),
      },
      now,
    );
  }

  /** Its agent is to collect what the activation wrote: before the removal, or at once if the container is no longer ours. */
  private failedIn(proxy: InvocationProxy, { activationId }: Invocation): void {
    const link = this.links.get(proxy);
    if (link) link.failedActivation = activationId;
    else void this.agents.collectFailed(proxy.container.agentUrl, proxy.container.id, activationId);
  }

  private post(proxy: InvocationProxy, invocation: Invocation): void {
    const link = this.linkOf(proxy);
    const connection = link.take();
    const { timeout } = invocation.template.action.limits;
    const { activationId, transactionId, value } = invocation;
    const body = invocation.template.bodies.run(value, {
      activationId,
      transactionId,
      deadlineMs: this.clock.wallMs() + timeout,
    });
    connection.post('/run', body, timeout, new RunCall(this, proxy, invocation, link, connection));
  }

  private async initWithCode(proxy: InvocationProxy, invocation: Invocation): Promise<void> {
    let code: string | undefined;
    try {
      code = await this.codeOf(invocation.template.action);
    } catch (error) {
      this.logger.error({ err: error }, `activation ${invocation.activationId}: code not read`);
      this.settle(invocation, whiskError(messages.actionUnreadable), 0);
      return this.balancer.abandoned(proxy, invocation, this.clock.now());
    }
    if (code === undefined && invocation.template.action.exec.kind !== 'blackbox') {
      const result = JSON.stringify({ error: messages.actionRemoved });
      this.settle(
        invocation,
        {
          statusCode: activationStatus.applicationError,
          result,
          size: undefined,
          timedOut: false,
          keepsContainer: false,
        },
        0,
      );
      return this.balancer.abandoned(proxy, invocation, this.clock.now());
    }
    // It was taken away, or its use lease lapsed, while the code was read: nothing was sent.
    if (!this.mayUse(proxy)) return this.rescheduled(proxy, invocation);
    new InitCall(this, proxy, invocation, code).start();
  }

  /** For a claimed one: `started` is committed before anything is sent. */
  private begin(proxy: InvocationProxy, invocation: Invocation, go: () => void): void {
    const { claim, activationId, template } = invocation;
    // One that was started and came back, since nothing was sent, still holds its row.
    const isStarted = invocation.startedAt !== 0;
    if (!isStarted) invocation.startedAt = this.clock.now();
    if (!claim || isStarted) return go();
    const row = { activationId, attempt: claim.attempt, timeLimitMs: 2 * template.action.limits.timeout };
    this.queue.start(claim.owner, [row]).then(
      ([holds]) => {
        if (holds && !this.mayUse(proxy)) return this.rescheduled(proxy, invocation);
        if (holds) return go();
        // Someone else has it now, and will record it; giving it back changes nothing there.
        this.expired(invocation);
        this.balancer.abandoned(proxy, invocation, this.clock.now());
      },
      (error: unknown) => {
        this.logger.warn({ err: error }, `activation ${activationId}: start not stored, waits again`);
        invocation.startedAt = 0;
        this.expired(invocation);
        this.balancer.abandoned(proxy, invocation, this.clock.now());
      },
    );
  }
}

/** Foreign images end their output without saying whose it was. */
const needsNaming = ({ container }: InvocationProxy, { template }: Invocation): boolean =>
  container.kind === 'blackbox' && template.action.limits.logs > 0;
