// One /run under way: from the bytes of the answer to the outcome.
import type { ContainerConnection, NoReply, ReplyHandler } from '#action-container';
import { payloadBytesOf, truncationBytesOf } from '#entity';
import type { ContainerLink } from './container-link';
import type { DataPath, InvocationProxy } from './data-path';
import type { Invocation } from './invocation';
import { outOfMemory, runOutcome, runWithoutReply, shuttingDownStatus } from './run-outcome';

export class RunCall implements ReplyHandler {
  private readonly sentAt: number;

  constructor(
    private readonly path: DataPath,
    private readonly proxy: InvocationProxy,
    private readonly invocation: Invocation,
    private readonly link: ContainerLink,
    private readonly connection: ContainerConnection,
  ) {
    this.sentAt = path.clock.now();
  }

  replied(status: number, body: Buffer, length: number): void {
    const { path, proxy, invocation } = this;
    const runMs = path.clock.now() - this.sentAt;
    this.link.give(this.connection);
    if (status === shuttingDownStatus) return path.rescheduled(proxy, invocation);
    const { limits: own } = invocation.template.identity;
    const bytesMax = payloadBytesOf(own, path.limits);
    const kept = length > bytesMax ? body.subarray(0, truncationBytesOf(own, path.limits)) : body;
    path.runReplied(proxy, invocation, runOutcome(status, kept, length, bytesMax), runMs);
  }

  failed(reason: NoReply): void {
    const { path, proxy, invocation } = this;
    // Nothing was sent, so that the run can go elsewhere.
    if (reason === 'refused') return path.rescheduled(proxy, invocation);
    const outcome = runWithoutReply(reason, invocation.template.action.limits.timeout);
    const tookMs = path.clock.now() - this.sentAt;
    if (reason !== 'lost') return path.runReplied(proxy, invocation, outcome, tookMs);
    // The reservation stays until the agent's word, so nothing else runs there meanwhile.
    void path.ranOutOfMemory(proxy).then((isMemory) => {
      path.runReplied(proxy, invocation, isMemory ? outOfMemory() : outcome, tookMs);
    });
  }
}
