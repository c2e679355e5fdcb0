// The controller's calls to invoker agents: suspend, resume, log collection, use leases. Shapes are in libs/protocol agent-api.ts.
//
// Guarantees: every call has a deadline and answers a closed set of outcomes instead of throwing; connections are kept and few. Suspend and resume
// have connections of their own (agent-line.ts), since runs wait for a resume; they may be sent twice, which their sequence numbers make harmless.
import { Agent, request } from 'undici';
import { type AgentError, bearerHeader, type EndingReply, type LeaseReply } from '#protocol';
import { AgentLine } from './agent-line';

export type LeaseOutcome =
  | { readonly outcome: 'renewed'; readonly listed: ReadonlyMap<string, string> }
  | { readonly outcome: 'refused' | 'superseded' | 'failed'; readonly reason: string };

/** A container in these states is of no use to its owner. */
const dead = new Set(['exited', 'removing']);

const connectionsPerAgent = 16;
const leaseTimeoutMs = 2_000;
const logTimeoutMs = 3_000;
/** Agents wait for the end of a foreign image's output: 2 s after the last of it, 10 s at most. */
const foreignLogTimeoutMs = 12_000;
/** Agents wait for half of it. */
const endingTimeoutMs = 1_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export class AgentClient {
  private readonly dispatcher = new Agent({
    connections: connectionsPerAgent,
    pipelining: 1,
    connect: { timeout: 1_000 },
  });
  /** By the agents' URLs, as long as there are connections. */
  private readonly lines = new Map<string, AgentLine>();
  private isClosed = false;
  /** Header that agents ask for. */
  readonly authorization: string;

  constructor(
    token: string,
    private readonly controllerId: string,
    private readonly incarnation: bigint,
    private readonly resumeTimeoutMs: number,
  ) {
    this.authorization = bearerHeader(token);
  }

  async suspend(
    agentUrl: string,
    container: string,
    grantId: string,
    sequence: number,
  ): Promise<'ok' | 'gone' | 'unknown'> {
    const status = await this.order('suspend', agentUrl, container, grantId, sequence);
    if (status === 204) return 'ok';
    return status === 404 ? 'gone' : 'unknown';
  }

  async resume(agentUrl: string, container: string, grantId: string, sequence: number): Promise<'ok' | 'failed'> {
    const status = await this.order('resume', agentUrl, container, grantId, sequence);
    return status === 204 ? 'ok' : 'failed';
  }

  /** Has the agent collect what a failed activation left, before its container is removed. Answers whether it did. */
  collectFailed(agentUrl: string, container: string, activationId: string): Promise<boolean> {
    return this.askLog(`${agentUrl}/log/${container}`, { activationId, failed: true }, logTimeoutMs);
  }

  /** Tells the agent whose the output of a foreign image is, up to the sentinels, and has it collected. Answers whether it did. */
  collectForeign(agentUrl: string, container: string, activationId: string): Promise<boolean> {
    return this.askLog(`${agentUrl}/log/${container}`, { activationId }, foreignLogTimeoutMs);
  }

  /** Whether a container that gave no answer ended for want of memory, by its agent's word. */
  async ranOutOfMemory(agentUrl: string, container: string): Promise<boolean> {
    const answer = await this.call(`${agentUrl}/ending/${container}`, 'GET', undefined, endingTimeoutMs);
    if (answer instanceof Error || answer.status !== 200) return false;
    return (answer.body as Partial<EndingReply> | undefined)?.outOfMemory === true;
  }

  async renewLease(agentUrl: string, leaseMs: number): Promise<LeaseOutcome> {
    const url = `${agentUrl}/leases/${encodeURIComponent(this.controllerId)}/${this.incarnation}`;
    const answer = await this.call(url, 'PUT', { leaseMs }, leaseTimeoutMs);
    if (answer instanceof Error) {
      const refused = (answer as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      return { outcome: refused ? 'refused' : 'failed', reason: answer.message };
    }
    const { status, body } = answer;
    // Both are believed of an agent only: another program may have its address by now.
    if (status === 409 && (body as Partial<AgentError> | undefined)?.code === 'superseded')
      return { outcome: 'superseded', reason: JSON.stringify(body) };
    const containers = status === 200 ? (body as Partial<LeaseReply> | undefined)?.containers : undefined;
    if (!Array.isArray(containers)) return { outcome: 'failed', reason: `status ${status} without a lease` };
    return {
      outcome: 'renewed',
      listed: new Map(
        containers.filter(({ state }) => !dead.has(state)).map(({ container, grantId }) => [container, grantId]),
      ),
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const line of this.lines.values()) line.close();
    await this.dispatcher.destroy();
  }

  /** Answers the status, undefined if there was none. */
  private async order(
    verb: 'suspend' | 'resume',
    agentUrl: string,
    container: string,
    grantId: string,
    sequence: number,
  ): Promise<number | undefined> {
    const line = this.lines.get(agentUrl) ?? this.newLine(agentUrl);
    const path = `/${verb}/${container}`;
    if (line) return line.post(path, JSON.stringify({ grantId, sequence }), this.resumeTimeoutMs);
    const answer = await this.call(`${agentUrl}${path}`, 'POST', { grantId, sequence }, this.resumeTimeoutMs);
    return answer instanceof Error ? undefined : answer.status;
  }

  /** Undefined: what is asked by TLS has its connections from undici, as all other calls have. */
  private newLine(agentUrl: string): AgentLine | undefined {
    if (this.isClosed || !URL.canParse(agentUrl)) return undefined;
    const url = new URL(agentUrl);
    if (url.protocol !== 'http:') return undefined;
    const line = new AgentLine(url, this.authorization, connectionsPerAgent, () => this.lines.delete(agentUrl));
    this.lines.set(agentUrl, line);
    return line;
  }

  private async askLog(url: string, body: object, timeoutMs: number): Promise<boolean> {
    const answer = await this.call(url, 'POST', body, timeoutMs);
    return !(answer instanceof Error) && answer.status < 300;
  }

  private async call(
    url: string,
    method: 'GET' | 'POST' | 'PUT',
    body: unknown,
    timeoutMs: number,
  ): Promise<Answer | Error> {
    try {
      const reply = await request(url, {
        method,
        dispatcher: this.dispatcher,
        headers: { authorization: this.authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const text = await reply.body.text();
      return { status: reply.statusCode, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
