// An invoker agent without containers: the real REST routes and heartbeats of one node, for tests of whoever talks to agents.
//
// It keeps to the agent's rules (token, epoch fence, grant ids, tombstones, memory), answers creations after `createDelayMs`, and
// tells what it was asked. Faults are switched on by its fields.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentials } from '@grpc/grpc-js';
import {
  type AgentContainer,
  type AgentErrorCode,
  bearerCheck,
  bearerMetadata,
  bindSchema,
  compareGrantIds,
  type Cordon,
  cordonFlags,
  cordonOf,
  cordonSchema,
  createContainerSchema,
  epochHeader,
  heartbeat,
  protocolVersion,
  removeSchema,
} from '#protocol';

export interface FakeAgentSettings {
  readonly nodeId?: string;
  readonly memoryMb?: number;
  readonly kinds?: readonly string[];
  readonly parallelCreations?: number;
  readonly createDelayMs?: number;
  readonly heartbeatMs?: number;
  /** What it says of that. */
  readonly intervalMs?: number;
  readonly epoch?: bigint;
  readonly protocolVersion?: number;
  readonly agentToken: string;
  readonly clusterSecret: string;
}

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: AgentErrorCode,
  ) {
    super(code);
  }
}

export class FakeAgent {
  readonly containers = new Map<string, AgentContainer>();
  /** `METHOD path`, in order of arrival. */
  readonly commands: string[] = [];
  /** Creations fail with this code while it is set. */
  failCreationsWith: AgentErrorCode | undefined;
  lapsed: heartbeat.Lapsed[] = [];
  createDelayMs: number;
  epoch: bigint;
  cordon: Cordon = 'open';
  cordonNumber = 0;
  incarnation = 1n;
  lastHeartbeatError: Error | undefined;
  private readonly tombstones = new Set<string>();
  private readonly exited = new Map<string, string>();
  private readonly server: Server;
  private client: heartbeat.NodesClient | undefined;
  private beating: NodeJS.Timeout | undefined;
  private url = '';

  constructor(private readonly settings: FakeAgentSettings) {
    this.createDelayMs = settings.createDelayMs ?? 5;
    this.epoch = settings.epoch ?? 0n;
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  get nodeId(): string {
    return this.settings.nodeId ?? 'node0';
  }

  /** Listens, and beats to that scheduler until it is told otherwise. */
  async start(scheduler: string): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    this.beatTo(scheduler);
  }

  /** As after a change of leader. */
  beatTo(scheduler: string): void {
    clearInterval(this.beating);
    this.client?.close();
    this.client = new heartbeat.NodesClient(scheduler, credentials.createInsecure());
    this.beating = setInterval(() => this.beat(), this.settings.heartbeatMs ?? 50);
    this.beat();
  }

  silence(): void {
    clearInterval(this.beating);
  }

  async stop(): Promise<void> {
    this.silence();
    this.client?.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The container ends by itself; the leader hears of it at once. */
  exit(id: string, reason: string): void {
    this.containers.get(id)!.state = 'exited';
    this.exited.set(id, reason);
    this.beat();
  }

  beat(): void {
    const request: heartbeat.HeartbeatRequest = {
      nodeId: this.nodeId,
      incarnation: this.incarnation,
      agentUrl: this.url,
      protocolVersion: this.settings.protocolVersion ?? protocolVersion,
      memoryMb: this.settings.memoryMb ?? 1_024,
      wipes: false,
      kinds: [...(this.settings.kinds ?? ['nodejs:20'])],
      driver: 'fake',
      epoch: this.epoch,
      ...cordonFlags(this.cordon),
      cordonNumber: this.cordonNumber,
      parallelCreations: this.settings.parallelCreations ?? 4,
      lapsed: this.lapsed,
      exited: [...this.exited].map(([containerId, reason]) => ({
        containerId,
        grantId: this.containers.get(containerId)?.note?.grantId ?? '',
        reason,
      })),
      blackbox: false,
      intervalMs: this.settings.intervalMs ?? 100,
    };
    this.client?.heartbeat(request, bearerMetadata(this.settings.clusterSecret), (error, reply) => {
      this.lastHeartbeatError = error ?? undefined;
      if (reply && reply.epoch > this.epoch) this.epoch = reply.epoch;
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const answer = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    try {
      const [status, body] = await this.command(request, text === '' ? undefined : JSON.parse(text));
      answer(status, body);
    } catch (error) {
      if (!(error instanceof Refused)) return answer(400, { error: String(error), code: 'bad-request' });
      const { status, code } = error;
      answer(status, {
        error: `fake agent: ${code}`,
        code,
        ...(code === 'stale-epoch' ? { epoch: `${this.epoch}` } : {}),
      });
    }
  }

  private async command({ method, url, headers }: IncomingMessage, body: unknown): Promise<[number, unknown?]> {
    this.commands.push(`${method} ${url}`);
    if (!bearerCheck(this.settings.agentToken)(headers.authorization)) throw new Refused(401, 'unauthorized');
    const epoch = BigInt(String(headers[epochHeader] ?? '0'));
    if (epoch < this.epoch) throw new Refused(409, 'stale-epoch');
    this.epoch = epoch;
    const [, , id = '', verb] = (url ?? '').split('/');
    if (method === 'GET') return [200, this.inventory()];
    if (method === 'POST') return [201, await this.create(body)];
    if (method === 'PUT' && verb === 'bind') return this.bind(id, body);
    if (method === 'PUT' && id === '' && url === '/cordon') {
      this.cordon = cordonOf(cordonSchema.parse(body));
      this.cordonNumber += 1;
      return [200, { number: this.cordonNumber }];
    }
    if (method === 'DELETE') return this.remove(id, body);
    throw new Refused(404, 'unknown-route');
  }

  private inventory(): unknown {
    return {
      nodeId: this.nodeId,
      incarnation: `${this.incarnation}`,
      epoch: `${this.epoch}`,
      memoryMb: this.settings.memoryMb ?? 1_024,
      containers: [...this.containers.values()],
      lapsed: this.lapsed.map(({ controllerId, incarnation }) => ({ controllerId, incarnation: `${incarnation}` })),
    };
  }

  private async create(body: unknown): Promise<unknown> {
    const { id, kind, image, memoryMb, concurrency, note } = createContainerSchema.parse(body);
    if (this.tombstones.has(id)) throw new Refused(409, 'removed');
    if (!this.containers.has(id)) {
      const usedMb = [...this.containers.values()].reduce((sum, container) => sum + container.memoryMb, 0);
      if (usedMb + memoryMb > (this.settings.memoryMb ?? 1_024)) throw new Refused(409, 'no-capacity');
      const addresses = { container: `127.0.0.1:${17_000 + this.commands.length}` };
      this.containers.set(id, {
        id,
        kind,
        memoryMb,
        concurrency,
        state: 'creating',
        addresses,
        ...(image === undefined ? {} : { image }),
        ...(note ? { note } : {}),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, this.createDelayMs));
    const container = this.containers.get(id);
    if (!container) throw new Refused(409, 'removed');
    if (this.failCreationsWith) {
      this.containers.delete(id);
      throw new Refused(this.failCreationsWith === 'cannot-create' ? 400 : 500, this.failCreationsWith);
    }
    container.state = 'running';
    return { id, addresses: container.addresses };
  }

  private bind(id: string, body: unknown): [number] {
    const { note } = bindSchema.parse(body);
    const container = this.containers.get(id);
    if (!container) throw new Refused(404, 'unknown-container');
    if (compareGrantIds(note.grantId, container.note?.grantId) < 0) throw new Refused(409, 'stale-grant');
    container.note = note;
    return [204];
  }

  private remove(id: string, body: unknown): [number] {
    const { grantId } = removeSchema.parse(body);
    const container = this.containers.get(id);
    if (container && container.note?.grantId !== grantId) throw new Refused(409, 'stale-grant');
    this.containers.delete(id);
    this.exited.delete(id);
    this.tombstones.add(id);
    return [204];
  }
}
