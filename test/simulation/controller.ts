// A controller: the real load balancer, session and lease keeper, wired as controller.ts and share-states.grpc.ts wire them.
import type { Clock } from '#clock';
import { LeaderSearch, shareStates as wire, type shareStates } from '#protocol';
import { silentLogger } from '#telemetry';
import type { LeaseOutcome } from '../../apps/controller/src/invoke/agent-client';
import { LeaseKeeper } from '../../apps/controller/src/invoke/lease-keeper';
import { SchedulerSession } from '../../apps/controller/src/invoke/scheduler-session';
import type { Reply } from './agent';
import type { End } from './connection';
import { DataShell } from './data-shell';
import { type Action, Invocation } from './invocation';
import { Process } from './process';
import { QueuedWork } from './queued-work';
import { type Follower, Journal } from './records';
import { told } from './told';
import type { World } from './world';

const ignore = (): void => undefined;
const tickMs = 20;
const leaseTimeoutMs = 1_000;
const dead = new Set(['exited', 'removing']);

export class Controller extends Process {
  readonly journal = new Journal(this);
  /** `controller/incarnation` */
  title = '';
  path!: DataShell;
  queued!: QueuedWork;
  session!: SchedulerSession<Invocation>;
  private leases!: LeaseKeeper<Invocation>;
  private search!: LeaderSearch;
  private stream: End | undefined;
  /** Called once, when the next renewal of a use lease has been sent. */
  onRenewal: (() => void) | undefined;
  private isFlushing = false;
  private isWelcome = false;
  /** What earlier lives left in the journal is stored: it takes requests. */
  private isReady = false;

  constructor(
    world: World,
    readonly controllerId: string,
    readonly address: string,
  ) {
    super(world, controllerId);
  }

  get incarnation(): bigint {
    return BigInt(this.life);
  }

  protected override begin(): void {
    const { world, controllerId, incarnation, address } = this;
    this.title = `${controllerId}/${this.life}`;
    const clock: Clock = { now: () => this.now, wallMs: () => Math.floor(this.now) };
    this.path = new DataShell(this);
    this.queued = new QueuedWork(this);
    this.search = new LeaderSearch(world.schedulerNames);
    const superseded = (reason: string): void => world.promises.superseded(this, reason);
    this.session = new SchedulerSession({ controllerId, incarnation, address }, this.path, clock, superseded);
    this.session.wake = () => this.wake();
    this.leases = new LeaseKeeper(
      this.path,
      { renewLease: (agentUrl, leaseMs) => this.renewLease(agentUrl, leaseMs) },
      clock,
      { lapsed: () => this.renew(), superseded },
      silentLogger,
    );
    this.stream = undefined;
    this.isFlushing = this.isReady = false;
    this.journal.replay(() => {
      this.isReady = true;
      this.every(tickMs, () => this.tick());
      this.connect();
      this.queued.start();
    });
  }

  private tick(): void {
    const { now } = this;
    this.leases.tick(now);
    this.path.balancer.tick(now);
    this.flush();
  }

  // ---- invocations ----

  /** A blocking one; `waitsMs`: how long its client waits, if not longer than anything takes. */
  invoke(action: Action, takesMs: number, waitsMs?: number, onEnd?: (how: string) => void): Invocation {
    const { world } = this;
    const invocation = new Invocation(
      world.nextActivation(),
      action,
      this.now,
      world.limits.overflowWaitMs,
      takesMs,
      'client',
      onEnd ?? ignore,
    );
    if (this.isHeard) this.say(`is asked for ${action.key} (${invocation.activation})`);
    world.promises.accepted(this, invocation);
    if (!this.isReady || !this.path.balancer.submit(invocation, this.now)) {
      world.promises.ended(this, invocation, 'not taken');
      invocation.onEnd('not taken');
    } else if (waitsMs !== undefined) this.after(waitsMs, () => this.path.elapsed(invocation));
    return invocation;
  }

  /** A non-blocking one. Answers its id, which its client hears only if the row was stored; who follows it hears that, and what becomes of it. */
  accept(action: Action, takesMs: number, follower?: Follower): string {
    const activation = this.world.nextActivation();
    if (follower) this.world.records.follow(activation, follower);
    if (this.isReady) this.queued.accept(activation, action, takesMs);
    else this.world.records.refused(activation);
    return activation;
  }

  /** From another controller: runs at once or not at all. */
  receive(sent: Invocation, answer: (how: string) => void): void {
    const { activation, action, takesMs } = sent;
    const invocation = new Invocation(activation, action, this.now, 0, takesMs, 'peer', answer);
    if (!this.isReady || !this.path.balancer.submit(invocation, this.now)) return answer('expired');
    if (this.isHeard) this.say(`takes ${activation} from another`);
  }

  // ---- share-states ----

  private connect(): void {
    const { world, session } = this;
    const scheduler = world.scheduler(this.search.current);
    const generation = session.shareStates.opened(this.now);
    const stream: End = world.network.connect(
      this,
      scheduler,
      {
        message: (message) => this.hear(stream, generation, message as shareStates.SchedulerMessage),
        closed: (why, hint) => this.lost(stream, why, hint),
        drained: () => this.wake(),
      },
      (end) => scheduler.accept(end),
    );
    this.stream = stream;
    this.isWelcome = false;
    this.after(world.limits.welcomeTimeoutMs, () => {
      if (stream !== this.stream || this.isWelcome) return;
      this.lost(stream, 'said nothing', undefined);
      stream.close('no welcome');
    });
    this.flush();
  }

  private hear(stream: End, generation: number, message: shareStates.SchedulerMessage): void {
    this.leases.tick(this.now);
    if (stream !== this.stream) return;
    if (this.isHeard) this.say(`hears ${told(message.number, message.body)} of epoch ${message.epoch}`);
    const word = this.session.shareStates.received(generation, message);
    if (!word) return this.wake();
    if (word.$case === 'welcome') {
      this.search.found();
      this.isWelcome = true;
    }
    if (word.$case === 'grant') this.granted(word.value);
    this.session.obey(word);
    this.wake();
  }

  private granted({ container, grantId, start }: shareStates.Grant): void {
    this.world.promises.granted(container!.id, grantId);
    if (start === wire.Start.PREWARMED) this.path.prewarmed.add(container!.id);
  }

  private lost(stream: End, why: string, hint: string | undefined): void {
    if (stream !== this.stream) return;
    if (this.isHeard) this.say(`lost its stream (${why})`);
    this.stream = undefined;
    this.session.shareStates.closed();
    this.connectIn(this.search.missed(hint) ? 0 : this.world.limits.reconnectMs);
  }

  /** Its own lease lapsed: what the stream still holds is not to be trusted. */
  private renew(): void {
    const { stream } = this;
    if (!stream) return;
    if (this.isHeard) this.say('renews its stream');
    this.stream = undefined;
    this.session.shareStates.closed();
    this.connectIn(this.world.limits.reconnectMs);
    stream.close('renewed');
  }

  private connectIn(ms: number): void {
    this.after(ms, () => this.connect());
  }

  private wake(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    this.after(0, this.flushNow);
  }

  private readonly flushNow = (): void => {
    this.isFlushing = false;
    this.flush();
  };

  private flush(): void {
    const { stream } = this;
    if (!stream?.isWritable) return;
    for (const message of this.session.shareStates.due(this.now)) {
      if (this.isHeard) this.say(`tells ${told(message.number, message.body)}`);
      stream.send(message);
    }
  }

  // ---- use leases ----

  private renewLease(agentUrl: string, leaseMs: number): PromiseLike<LeaseOutcome> {
    const { world, controllerId, incarnation } = this;
    const agent = world.agent(agentUrl);
    let take: (outcome: LeaseOutcome) => void = () => undefined;
    world.network.call<Reply<{ containers: { container: string; grantId: string; state: string }[] }>>({
      from: this,
      to: agent,
      timeoutMs: leaseTimeoutMs,
      serve: (answer) => answer(agent.renewLease(controllerId, incarnation, leaseMs)),
      done: (outcome) => {
        if ('failure' in outcome) {
          return take({ outcome: outcome.failure === 'refused' ? 'refused' : 'failed', reason: outcome.failure });
        }
        const reply = outcome.value;
        if ('refusal' in reply) return take({ outcome: 'superseded', reason: reply.refusal.message });
        const living = reply.value.containers.filter(({ state }) => !dead.has(state));
        take({ outcome: 'renewed', listed: new Map(living.map(({ container, grantId }) => [container, grantId])) });
      },
    });
    const { onRenewal } = this;
    this.onRenewal = undefined;
    if (onRenewal) world.queue.after(0.1, onRenewal);
    // Taken in the step in which it comes, and never rejected.
    return {
      then: (taken: (outcome: LeaseOutcome) => void) => void (take = taken),
    } as unknown as PromiseLike<LeaseOutcome>;
  }
}
