// Heartbeats over gRPC: agents say each second that they live. A standby refuses and names the leader, if it knows it.
import { type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { isHeardOften, type Limits } from '#limits';
import { authorizationOf, bearerCheck, type heartbeat, leaderMetadata, protocolVersion } from '#protocol';
import type { Scheduling } from './scheduling';

export class HeartbeatGrpc {
  private readonly isAllowed: (authorization: string | undefined) => boolean;

  constructor(
    secret: string,
    private readonly scheduling: Scheduling,
    private readonly limits: Pick<Limits, 'nodeSuspectedMs'>,
  ) {
    this.isAllowed = bearerCheck(secret);
  }

  readonly implementation: heartbeat.NodesServer = { heartbeat: (call, answer) => this.heartbeat(call, answer) };

  private heartbeat(
    { metadata, request }: ServerUnaryCall<heartbeat.HeartbeatRequest, heartbeat.HeartbeatReply>,
    answer: sendUnaryData<heartbeat.HeartbeatReply>,
  ): void {
    const refuse = (code: status, details: string, leader?: string): void =>
      answer({ code, details, metadata: leaderMetadata(leader) });
    if (!this.isAllowed(authorizationOf(metadata))) {
      return refuse(status.UNAUTHENTICATED, 'heartbeat: wrong cluster secret; set CLUSTER_SECRET of the same cluster.');
    }
    if (request.protocolVersion !== protocolVersion) {
      const found = `protocol version ${request.protocolVersion}, this scheduler speaks ${protocolVersion}`;
      return refuse(
        status.FAILED_PRECONDITION,
        `heartbeat: node ${request.nodeId} speaks ${found}; run the same release.`,
      );
    }
    if (request.nodeId === '' || !URL.canParse(request.agentUrl)) {
      return refuse(status.INVALID_ARGUMENT, 'heartbeat: node_id is empty or agent_url is no URL.');
    }
    if (!isHeardOften(request.intervalMs, this.limits)) {
      const found = `says that it lives every ${request.intervalMs} ms, and is suspected here after ${this.limits.nodeSuspectedMs} ms`;
      return refuse(
        status.INVALID_ARGUMENT,
        `heartbeat: node ${request.nodeId} ${found}; give all apps the same limits, LIMIT_NODE_SUSPECTED_MS at least twice LIMIT_HEARTBEAT_MS.`,
      );
    }
    const { epoch, leader } = this.scheduling;
    if (epoch === undefined) {
      this.scheduling.heard(request.epoch);
      const details = 'heartbeat: this scheduler does not lead; ask another of SCHEDULERS.';
      return refuse(status.FAILED_PRECONDITION, details, leader?.listen);
    }
    this.scheduling.heartbeat(request);
    answer(null, { epoch, protocolVersion });
  }
}
