// An agent as the small world needs it: the rules of its ledger that the scheduler relies on, and nothing that takes time.
import { namespacesOf } from '#entity';
import { type AgentContainer, type AgentErrorCode, compareGrantIds, type Cordon, type Inventory } from '#protocol';
import type { AgentFailure, Effect, Input } from '../../apps/scheduler/src/core/effects';

export type Command = Extract<Effect, { kind: 'create' | 'bind' | 'remove' | 'inventory' }>;

export class ModelAgent {
  readonly containers = new Map<string, AgentContainer>();
  readonly tombstones = new Set<string>();
  /** `controller incarnation` of use leases that have lapsed. */
  readonly lapsed = new Set<string>();
  epoch = 0n;
  incarnation = 1n;
  /** Creations that would have exceeded its memory; a scheduler that counts right causes none. */
  overcommits = 0;
  failsCreations = false;
  /** Containers that went from one action to another. */
  wipes = 0;
  cordon: Cordon = 'open';
  cordonNumber = 0;

  constructor(
    readonly nodeId: string,
    readonly memoryMb: number,
    /** Throws if somebody alive holds the container. */
    private readonly beforeRemoval: (container: AgentContainer, reason: string) => void,
  ) {}

  get usedMb(): number {
    return [...this.containers.values()].reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  }

  get exited(): { containerId: string; grantId: string; reason: string }[] {
    return [...this.containers.values()]
      .filter(({ state }) => state === 'exited')
      .map(({ id, note }) => ({ containerId: id, grantId: note?.grantId ?? '', reason: 'killed' }));
  }

  get lapsedList(): { controllerId: string; incarnation: bigint }[] {
    const owners = new Set([...this.containers.values()].map(({ note }) => `${note?.owner} ${note?.incarnation}`));
    return [...this.lapsed]
      .filter((name) => owners.has(name))
      .map((name) => ({ controllerId: name.split(' ')[0]!, incarnation: BigInt(name.split(' ')[1]!) }));
  }

  /** Obeys a command of that epoch and answers as the allocator would. */
  obey(command: Command, epoch: bigint): Input {
    if (epoch < this.epoch) return refuse(command, { code: 'stale-epoch', text: 'stale', epoch: this.epoch });
    this.epoch = epoch;
    switch (command.kind) {
      case 'create':
        return this.create(command);
      case 'bind':
        return this.bind(command);
      case 'remove':
        return this.remove(command);
      case 'inventory':
        return { kind: 'inventory', nodeId: this.nodeId, askedAt: command.askedAt, inventory: this.inventory() };
    }
  }

  private create(command: Extract<Command, { kind: 'create' }>): Input {
    const { id, kind, memoryMb, concurrency, note } = command.request;
    if (this.tombstones.has(id)) return fail(command, 'removed');
    if (!this.containers.has(id)) {
      if (this.usedMb + memoryMb > this.memoryMb) {
        this.overcommits += 1;
        return fail(command, 'no-capacity');
      }
      if (this.failsCreations) return fail(command, 'driver-failed');
      this.containers.set(id, {
        id,
        kind,
        memoryMb,
        concurrency,
        state: 'running',
        addresses: {},
        ...(note ? { note } : {}),
      });
    }
    return { kind: 'created', containerId: id, addresses: {} };
  }

  private bind(command: Extract<Command, { kind: 'bind' }>): Input {
    const { containerId, note, wipe } = command;
    const container = this.containers.get(containerId);
    if (!container || container.state === 'exited') return fail(command, 'unknown-container');
    if (compareGrantIds(note.grantId, container.note?.grantId) < 0) return fail(command, 'stale-grant');
    const before = container.note?.actionKey ?? note.actionKey;
    if (before !== note.actionKey && namespacesOf(before) !== namespacesOf(note.actionKey))
      throw new Error(`${containerId} of ${before} goes to another namespace: ${note.actionKey}`);
    if (before !== note.actionKey && !wipe)
      throw new Error(`${containerId} of ${before} is bound to ${note.actionKey} as it is`);
    if (before !== note.actionKey) this.wipes += 1;
    container.note = note;
    return { kind: 'bound', containerId, grantId: note.grantId };
  }

  private remove(command: Extract<Command, { kind: 'remove' }>): Input {
    const { containerId, grantId, reason } = command;
    const container = this.containers.get(containerId);
    if (container && container.note?.grantId !== grantId) return fail(command, 'stale-grant');
    if (
      container?.note &&
      reason === 'orphan' &&
      !this.lapsed.has(`${container.note.owner} ${container.note.incarnation}`)
    ) {
      return fail(command, 'lease-lives');
    }
    if (container) this.beforeRemoval(container, reason);
    this.containers.delete(containerId);
    this.tombstones.add(containerId);
    return { kind: 'removed', containerId };
  }

  private inventory(): Inventory {
    return {
      nodeId: this.nodeId,
      incarnation: `${this.incarnation}`,
      epoch: `${this.epoch}`,
      memoryMb: this.memoryMb,
      containers: [...this.containers.values()].map((container) => ({ ...container })),
      lapsed: this.lapsedList.map(({ controllerId, incarnation }) => ({ controllerId, incarnation: `${incarnation}` })),
    };
  }
}

function fail(command: Command, code: AgentErrorCode): Input {
  return refuse(command, { code, text: code });
}

/** The input that says that a command did not succeed. */
export function refuse(command: Command, failure: AgentFailure): Input {
  switch (command.kind) {
    case 'create':
      return { kind: 'create-failed', containerId: command.request.id, failure };
    case 'bind':
      return { kind: 'bind-failed', containerId: command.containerId, grantId: command.note.grantId, failure };
    case 'remove':
      return { kind: 'remove-failed', containerId: command.containerId, failure };
    case 'inventory':
      return { kind: 'inventory-failed', nodeId: command.agent.nodeId, askedAt: command.askedAt, failure };
  }
}
