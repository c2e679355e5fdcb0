// The data path of a simulated controller: does what the real load balancer decides, as data-path.ts, init-call.ts and run-call.ts do it.
import type { Limits } from '#limits';
import {
  type DataPathEffects,
  type KeyFailure,
  LoadBalancer,
  type Proxy,
} from '../../apps/controller/src/invoke/load-balancer';
import type { SchedulerEars } from '../../apps/controller/src/invoke/data-path';
import type { ForwardEnd } from '../../apps/controller/src/invoke/forwarding';
import type { Verdict } from '../../apps/controller/src/invoke/settlement';
import type { Reply } from './agent';
import type { Controller } from './controller';
import type { Invocation } from './invocation';
import type { ContainerRequest } from './machine';

const forwardTimeoutMs = 10_000;

export class DataShell implements DataPathEffects<Invocation> {
  readonly balancer: LoadBalancer<Invocation>;
  ears: SchedulerEars<Invocation> | undefined;
  readonly limits: Limits;
  /** Containers that came without code, but made ahead of time. */
  readonly prewarmed = new Set<string>();
  /** Resumed for a run that has not begun. */
  private readonly resumed = new Set<Proxy<Invocation>>();
  /** Containers in which an activation failed: the agent collects its log before the scheduler hears. */
  private readonly failedIn = new Set<Proxy<Invocation>>();

  constructor(private readonly controller: Controller) {
    this.limits = controller.world.limits;
    this.balancer = new LoadBalancer(this.limits, this);
  }

  private get now(): number {
    return this.controller.now;
  }

  // ---- effects ----

  init(proxy: Proxy<Invocation>, invocation: Invocation): void {
    const { controller } = this;
    const { id, nodeId } = proxy.container;
    invocation.course.startPath = this.prewarmed.has(id) ? 'prewarmed' : 'cold';
    invocation.course.bornAt = controller.world.agent(nodeId).machine.containers.get(id)?.bornAt;
    this.begin(proxy, invocation, () => {
      const begunAt = this.now;
      // Code is read first.
      controller.after(controller.world.timings.codeMs(controller.world.chance), () => {
        this.postInit(proxy, invocation, begunAt);
      });
    });
  }

  /** For a claimed one: `started` is committed before anything is sent. */
  private begin(proxy: Proxy<Invocation>, invocation: Invocation, go: () => void): void {
    const { controller } = this;
    const { claim, activation, isBegun } = invocation;
    invocation.isBegun = true;
    // One that was started and came back, since nothing was sent, still holds its row.
    if (!claim || isBegun) return go();
    const giveUp = (): void => {
      this.expired(invocation);
      this.balancer.abandoned(proxy, invocation, this.now);
    };
    controller.world.store.ask(
      controller,
      (store) => store.start(claim.owner, activation, claim.attempt, 2 * invocation.action.timeoutMs),
      (answer) => {
        if (answer?.value === true) {
          return this.balancer.mayUse(proxy, this.now) ? go() : this.rescheduled(proxy, invocation);
        }
        if (!answer) invocation.isBegun = false;
        if (controller.isHeard)
          controller.say(`does not start ${activation}: ${answer ? 'somebody else has it' : 'the store failed'}`);
        giveUp();
      },
    );
  }

  /** The run did not happen: it waits again, and the container is given up. */
  private rescheduled(proxy: Proxy<Invocation>, invocation: Invocation): void {
    if (!invocation.claim) invocation.isBegun = false;
    this.balancer.rescheduled(proxy, invocation, this.now);
  }

  private postInit(proxy: Proxy<Invocation>, invocation: Invocation, begunAt: number): void {
    const { controller, limits } = this;
    const { chance, timings } = controller.world;
    if (!this.balancer.mayUse(proxy, this.now)) return this.rescheduled(proxy, invocation);
    const fails = chance.of(invocation.action.initFailShare);
    const leftMs = invocation.action.initTimeoutMs - (this.now - begunAt);
    if (leftMs <= 0) return this.initEnded(proxy, invocation, 'reset', begunAt);
    const initMs = timings.initMs(chance);
    this.post('init', proxy, invocation, initMs, initMs, fails, leftMs, (outcome) => {
      if (outcome === 'refused') {
        if (this.now - begunAt >= limits.initRefusedMs) return this.rescheduled(proxy, invocation);
        return controller.after(limits.initConnectRetryMs, () => this.postInit(proxy, invocation, begunAt));
      }
      this.initEnded(proxy, invocation, outcome, begunAt);
    });
  }

  private initEnded(proxy: Proxy<Invocation>, invocation: Invocation, outcome: Outcome, begunAt: number): void {
    if (outcome === 'ok') invocation.course.initMs = this.now - begunAt;
    if (outcome === 'ok') return this.balancer.initialised(proxy, invocation, this.now);
    this.failedIn.add(proxy);
    this.settle(invocation, `init ${outcome}`);
    const failure = { class: outcome === 'failed' ? 'developer' : 'whisk', result: '{}' } as const;
    this.balancer.initFailed(proxy, invocation, failure, this.now);
  }

  run(proxy: Proxy<Invocation>, invocation: Invocation): void {
    if (invocation.claim && !invocation.isBegun) {
      return this.begin(proxy, invocation, () => this.postRun(proxy, invocation));
    }
    invocation.isBegun = true;
    this.postRun(proxy, invocation);
  }

  private postRun(proxy: Proxy<Invocation>, invocation: Invocation): void {
    const { controller } = this;
    const { promises, timings, chance } = controller.world;
    promises.running(controller, proxy, invocation);
    const { course } = invocation;
    const overheadMs = (course.initMs !== undefined && timings.firstRunMs ? timings.firstRunMs : timings.runMs)(chance);
    course.runAtMs = this.now;
    if (this.resumed.delete(proxy) && course.startPath === 'warm') course.startPath = 'suspended';
    const takesMs = invocation.takesMs + overheadMs;
    this.post('run', proxy, invocation, takesMs, overheadMs, false, invocation.action.timeoutMs, (outcome) => {
      course.runMs = this.now - course.runAtMs;
      if (outcome === 'refused') return this.rescheduled(proxy, invocation);
      if (outcome !== 'ok') this.failedIn.add(proxy);
      this.balancer.runEnded(proxy, invocation, outcome === 'ok', true, this.now);
      this.settle(invocation, outcome === 'ok' ? 'ran' : `run ${outcome}`);
    });
  }

  suspend(proxy: Proxy<Invocation>, sequence: number): void {
    this.askAgent(proxy, 'suspend', sequence, (reply) => {
      const isGone = reply !== undefined && 'refusal' in reply && reply.refusal.code === 'unknown-container';
      const outcome = reply && 'value' in reply ? 'ok' : isGone ? 'gone' : 'unknown';
      this.balancer.suspendEnded(proxy, sequence, outcome, this.now);
    });
  }

  resume(proxy: Proxy<Invocation>, sequence: number): void {
    this.askAgent(proxy, 'resume', sequence, (reply) => {
      this.resumed.add(proxy);
      this.balancer.resumeEnded(proxy, sequence, reply && 'value' in reply ? 'ok' : 'failed', this.now);
    });
  }

  expired(invocation: Invocation): void {
    this.act(invocation, invocation.settlement.expired(), 'expired');
  }

  failed(invocation: Invocation, failure: KeyFailure): void {
    this.settle(invocation, `failed (${failure.class})`);
  }

  forgotten(proxy: Proxy<Invocation>): void {
    this.prewarmed.delete(proxy.container.id);
    this.resumed.delete(proxy);
    this.ears?.forgotten(proxy);
  }

  demandChanged(key: string): void {
    this.ears?.demandChanged(key);
  }

  busied(proxy: Proxy<Invocation>): void {
    this.ears?.busied(proxy);
  }

  freed(proxy: Proxy<Invocation>): void {
    this.ears?.freed(proxy);
  }

  drained(containerId: string, grantId: string): void {
    if (this.controller.isHeard) this.controller.say(`gives ${containerId} back (${grantId})`);
    this.controller.world.promises.gaveBack(containerId, grantId);
    this.ears?.drained(containerId, grantId);
  }

  kept(containerId: string, grantId: string): void {
    this.ears?.kept(containerId, grantId);
  }

  removed(proxy: Proxy<Invocation>, reason: string): void {
    const { id, grantId } = proxy.container;
    if (this.controller.isHeard) this.controller.say(`gives ${id} up (${reason})`);
    const tell = (): void => this.ears?.removed(id, grantId, reason);
    if (this.failedIn.delete(proxy)) this.controller.after(this.controller.world.chance.skewed(1, 500), tell);
    else tell();
  }

  // ---- forwarding ----

  hinted(key: string, address: string, free: number): void {
    for (const invocation of this.balancer.hinted(key, address, free)) this.forward(address, invocation);
  }

  private forward(address: string, invocation: Invocation): void {
    const { controller } = this;
    const { world } = controller;
    const peer = world.controllerAt(address);
    if (controller.isHeard) controller.say(`forwards ${invocation.activation} to ${peer.name}`);
    world.network.call<string>({
      from: controller,
      to: peer,
      timeoutMs: forwardTimeoutMs,
      serve: (answer) => peer.receive(invocation, answer),
      done: (outcome) => {
        const isRefused = 'failure' in outcome ? outcome.failure === 'refused' : outcome.value === 'expired';
        const end: ForwardEnd = isRefused ? 'refused' : 'failure' in outcome ? 'lost' : 'kept';
        this.balancer.forwardEnded(invocation, address, end, this.now);
        if (end === 'lost') this.settle(invocation, 'lost on the way');
        if (end !== 'kept') return;
        invocation.settlement.leftToOthers();
        this.controller.journal.keptElsewhere(invocation);
        this.end(invocation, 'kept elsewhere');
      },
    });
  }

  // ---- ends ----

  /** The client's wait is over. */
  elapsed(invocation: Invocation): void {
    if (invocation.settlement.elapsed() === 'promise') this.controller.journal.owe(invocation);
  }

  /** How an invocation went: it ends so, unless it has ended before or is run again. */
  settle(invocation: Invocation, how: string): void {
    const end = { isBegun: invocation.isBegun, isLoss: how !== 'ran', ageMs: this.now - invocation.acceptedAt };
    this.act(invocation, invocation.settlement.ended(end, this.limits), how);
  }

  private act(invocation: Invocation, verdict: Verdict, how: string): void {
    const { queued, journal } = this.controller;
    if (verdict === 'none') return;
    if (verdict === 'record') journal.record(invocation, how);
    this.end(invocation, how);
    if (!invocation.claim) return;
    if (verdict === 'record') queued.finished(invocation);
    else if (verdict === 'again') queued.again(invocation, how);
    else queued.giveBack(invocation);
  }

  private end(invocation: Invocation, how: string): void {
    this.controller.world.promises.ended(this.controller, invocation, how);
    invocation.onEnd(how);
  }

  /** To whatever listens at the container's address. */
  private post(
    verb: 'init' | 'run',
    proxy: Proxy<Invocation>,
    { key, activation, action, claim, course }: Invocation,
    takesMs: number,
    overheadMs: number,
    fails: boolean,
    timeoutMs: number,
    done: (outcome: Outcome) => void,
  ): void {
    const { controller } = this;
    const { world, life } = controller;
    const { id, grantId, nodeId, address } = proxy.container;
    const { machine } = world.agent(nodeId);
    const { timings, chance } = world;
    const way = (ms: number): number => machine.cores?.passing(ms, timings.busy!.way) ?? ms;
    world.promises.dispatched(controller, proxy);
    let isOver = false;
    const end = (outcome: Outcome): void => {
      if (isOver) return;
      isOver = true;
      timeout.cancel();
      done(outcome);
    };
    const timeout = controller.timeout(timeoutMs, () => end('timeout'));
    const request: ContainerRequest = {
      verb,
      containerId: id,
      grantId,
      key,
      activation,
      course,
      sender: controller.title,
      takesMs,
      overheadMs,
      kills: verb === 'run' && action.kills === true,
      attemptsMost: claim ? 1 + action.retries : 1,
      fails,
      isAwaited: () => !isOver && controller.life === life && controller.state !== 'dead',
      answer: (outcome) =>
        world.queue.after(way(timings.outMs(chance)), () => controller.run(life, 'message', () => end(outcome))),
    };
    world.queue.after(way(timings.inMs(chance)), () => machine.receive(address, request));
  }

  private askAgent(
    proxy: Proxy<Invocation>,
    verb: 'suspend' | 'resume',
    sequence: number,
    done: (reply: Reply<void> | undefined) => void,
  ): void {
    const { controller, limits } = this;
    const { world } = controller;
    const { id, grantId, nodeId } = proxy.container;
    const agent = world.agent(nodeId);
    world.network.call<Reply<void>>({
      from: controller,
      to: agent,
      timeoutMs: limits.resumeTimeoutMs,
      serve: (answer) => agent.suspendOrResume(id, verb, { grantId, sequence }, answer),
      done: (outcome) => done('value' in outcome ? outcome.value : undefined),
    });
  }
}

type Outcome = 'ok' | 'failed' | 'refused' | 'reset' | 'timeout';
