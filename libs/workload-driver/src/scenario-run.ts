// Runs one scenario: sends its requests when they are due, or as its users come to them, and says when all are over.
//
// Guarantees: `ended` resolves once, when nothing more will be sent and all that was is over; after `stop` nothing is sent.
import type { Clock } from '#clock';
import type { ClosedRequest, PlannedRequest, PlannedScenario } from '#workload';
import { Pacer } from './pacer';

/** Sends a request that was due at a time by the clock, at once, and calls `done` once when it is over, never before it returns unless nothing was sent. */
export type Sender = (request: PlannedRequest, intendedMs: number, done: () => void) => void;

export class ScenarioRun {
  sent = 0;
  over = 0;
  /** By the clock; undefined before. */
  startedMs: number | undefined;
  private isSendingOver = false;
  private pacer: Pacer<PlannedRequest> | undefined;
  private readonly users = new Set<ClosedUser>();
  private resolve: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.resolve = resolve));

  constructor(
    readonly planned: PlannedScenario,
    private readonly sender: Sender,
    private readonly clock: Clock,
    private readonly slackMs?: number,
  ) {}

  start(): void {
    const originMs = (this.startedMs = this.clock.now());
    const { open, closed } = this.planned;
    if (open) {
      const items = open()[Symbol.iterator]();
      const send = (request: PlannedRequest): void => this.send(request, originMs + request.atMs);
      this.pacer = new Pacer(items, originMs, this.clock, send, () => this.sendingOver(), this.slackMs);
    }
    if (closed) {
      const { durationMs = Infinity } = this.planned.scenario;
      for (let user = 0; user < closed.users; user += 1) {
        const requests = closed.user(user)[Symbol.iterator]();
        this.users.add(new ClosedUser(this, requests, originMs + durationMs, this.clock, this.userGone));
      }
      for (const user of [...this.users]) user.next();
    }
  }

  stop(): void {
    this.pacer?.stop();
    for (const user of this.users) user.stop();
    this.sendingOver();
  }

  send(request: PlannedRequest, intendedMs: number, done?: () => void): void {
    this.sent += 1;
    // One function for all requests of a pacer; a user brings its own, which is one for all of its.
    this.sender(request, intendedMs, done ?? this.requestOver);
  }

  readonly requestOver = (): void => {
    this.over += 1;
    this.endIfOver();
  };

  private readonly userGone = (user: ClosedUser): void => {
    this.users.delete(user);
    if (this.users.size === 0) this.sendingOver();
  };

  private sendingOver(): void {
    this.isSendingOver = true;
    this.endIfOver();
  }

  private endIfOver(): void {
    if (this.isSendingOver && this.over === this.sent) this.resolve();
  }
}

/** Sends a request, waits for its end, thinks, and sends the next. */
class ClosedUser {
  private pending: ClosedRequest | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly run: ScenarioRun,
    private readonly requests: Iterator<ClosedRequest>,
    private readonly untilMs: number,
    private readonly clock: Clock,
    private readonly gone: (user: ClosedUser) => void,
  ) {}

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  readonly next = (): void => {
    if (this.isStopped) return;
    const step = this.requests.next();
    if (step.done) return this.gone(this);
    this.pending = step.value;
    const thinkMs = step.value.atMs;
    if (this.clock.now() + thinkMs >= this.untilMs) return this.gone(this);
    // A timer is late by up to a millisecond; that is no delay of the platform, so it is not in the latency.
    if (thinkMs > 0) this.timer = setTimeout(this.sendPending, thinkMs);
    else this.sendPending();
  };

  private readonly sendPending = (): void => {
    this.run.send(this.pending!, this.clock.now(), this.answered);
  };

  private readonly answered = (): void => {
    this.run.requestOver();
    // Not from within the end of the request: a host that is down would recurse.
    setImmediate(this.next);
  };
}
