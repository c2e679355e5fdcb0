// One /init under way. A server that is still booting refuses connections: that is tried again, as in OpenWhisk, but not for long. Agents
// say of a container that it is there once it listens; one that goes on refusing has ended, with its node perhaps, and since nothing was
// sent to it the invocation goes elsewhere.
import type { NoReply, ReplyHandler } from '#action-container';
import type { DataPath, InvocationProxy } from './data-path';
import type { Invocation } from './invocation';
import { initEnvironment } from './payload';
import { initOutcome, initWithoutReply, outOfMemory } from './run-outcome';

export class InitCall implements ReplyHandler {
  private readonly begunAt: number;
  private readonly limitMs: number;
  private readonly body: string;
  private readonly link;
  private readonly connection;

  constructor(
    private readonly path: DataPath,
    private readonly proxy: InvocationProxy,
    private readonly invocation: Invocation,
    code: string | undefined,
  ) {
    const { template, activationId, transactionId, payload } = invocation;
    const { action, bodies } = template;
    this.begunAt = path.clock.now();
    this.limitMs = Math.min(action.limits.timeout, path.limits.initTimeoutMs);
    const context = { activationId, transactionId, deadlineMs: path.clock.wallMs() + this.limitMs };
    this.body = bodies.init(code, initEnvironment(action, payload), context);
    this.link = path.linkOf(proxy);
    this.connection = this.link.take();
  }

  start(): void {
    // Nothing was sent yet, or refused.
    if (!this.path.mayUse(this.proxy)) return this.path.rescheduled(this.proxy, this.invocation);
    const left = this.limitMs - this.elapsedMs;
    if (left <= 0) return this.over(initWithoutReply('timeout', this.limitMs));
    this.connection.post('/init', this.body, left, this);
  }

  replied(status: number, body: Buffer, length: number): void {
    this.link.give(this.connection);
    this.over(initOutcome(status, body, length));
  }

  failed(reason: NoReply): void {
    if (reason === 'lost') return this.lost();
    if (reason !== 'refused') return this.over(initWithoutReply(reason, this.limitMs));
    const { initRefusedMs, initConnectRetryMs } = this.path.limits;
    if (this.elapsedMs >= initRefusedMs) return this.path.rescheduled(this.proxy, this.invocation);
    setTimeout(() => this.start(), initConnectRetryMs);
  }

  private lost(): void {
    const { elapsedMs } = this;
    void this.path.ranOutOfMemory(this.proxy).then((isMemory) => {
      this.over(isMemory ? outOfMemory() : initWithoutReply('lost', this.limitMs), elapsedMs);
    });
  }

  private get elapsedMs(): number {
    return this.path.clock.now() - this.begunAt;
  }

  private over(outcome: ReturnType<typeof initOutcome>, tookMs = this.elapsedMs): void {
    this.path.initEnded(this.proxy, this.invocation, outcome, tookMs);
  }
}
