// Heartbeats over gRPC: agents say each second that they live. A standby refuses, so that an agent looks for the leader.
import { Metadata, type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { authorizationOf, bearerCheck, type heartbeat, protocolVersion } from '#protocol';
import type { Scheduling } from './scheduling';

export class HeartbeatGrpc {
  private readonly isAllowed: (authorization: string | undefined) => boolean;

  constructor(
    secret: string,
    private readonly scheduling: Scheduling,
  ) {
    this.isAllowed = bearerCheck(secret);
  }

  readonly implementation: heartbeat.NodesServer = { heartbeat: (call, answer) => this.heartbeat(call, answer) };

  private heartbeat(
    { metadata, request }: ServerUnaryCall<heartbeat.HeartbeatRequest, heartbeat.HeartbeatReply>,
    answer: sendUnaryData<heartbeat.HeartbeatReply>,
  ): void {
    const refuse = (code: status, details: string): void => answer({ code, details, metadata: new Metadata() });
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
    const { epoch } = this.scheduling;
    if (epoch === undefined) {
      return refuse(status.FAILED_PRECONDITION, 'heartbeat: this scheduler does not lead; ask another of SCHEDULERS.');
    }
    this.scheduling.heartbeat(request);
    answer(null, { epoch });
  }
}
