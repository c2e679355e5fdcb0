// This node as others see it: the heartbeat to the leader, and /health to anyone.
import { type ContainerAddresses, cordonFlags, protocolVersion, type heartbeat } from '#protocol';
import type { Clock } from '#clock';
import type { ContainerDriver } from './container-driver';
import type { Ledger } from './ledger/ledger';
import { offeredAddresses, type Reachability } from './reachability';

export interface NodeFacts {
  readonly nodeId: string;
  readonly incarnation: bigint;
  readonly memoryMb: number;
  readonly parallelCreations: number;
  readonly heartbeatMs: number;
  readonly reachability: Reachability;
}

export class Node {
  /** Known once the agent listens. */
  agentUrl = '';
  isHeard: () => boolean = () => false;
  /** Stopping: to be drained, whatever an operator has set. */
  isLeaving = false;

  constructor(
    private readonly facts: NodeFacts,
    private readonly driver: ContainerDriver,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  heartbeat(): heartbeat.HeartbeatRequest {
    const { nodeId, incarnation, memoryMb, parallelCreations, heartbeatMs } = this.facts;
    return {
      nodeId,
      incarnation,
      agentUrl: this.agentUrl,
      protocolVersion,
      memoryMb,
      kinds: [...this.driver.kinds],
      driver: this.driver.name,
      epoch: this.ledger.epoch,
      ...cordonFlags(this.isLeaving ? 'draining' : this.ledger.cordon),
      cordonNumber: this.ledger.cordonNumber,
      parallelCreations,
      lapsed: this.ledger.lapsed(this.clock.now()),
      exited: this.ledger
        .exitedContainers()
        .map(({ id, grantId, reason }) => ({ containerId: id, grantId: grantId ?? '', reason })),
      blackbox: this.driver.blackbox,
      wipes: this.driver.wipe !== undefined,
      intervalMs: heartbeatMs,
    };
  }

  /** What others are told of where a container is. */
  offered(addresses: ContainerAddresses): ContainerAddresses {
    return offeredAddresses(addresses, this.facts.reachability, this.agentUrl);
  }

  health(): object {
    const { nodeId, incarnation, memoryMb } = this.facts;
    const isHeard = this.isHeard();
    return {
      status: isHeard ? 'ok' : 'degraded',
      ...(isHeard ? {} : { reason: 'no leading scheduler accepts the heartbeat' }),
      nodeId,
      incarnation: String(incarnation),
      epoch: String(this.ledger.epoch),
      driver: this.driver.name,
      kinds: this.driver.kinds,
      memoryMb,
      memoryUsedMb: this.ledger.memoryUsedMb,
      containers: [...this.ledger.records()].length,
      ...cordonFlags(this.ledger.cordon),
    };
  }
}
