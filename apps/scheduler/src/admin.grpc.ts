// Admin over gRPC, on its own port and with its own token: what operators may see of the leading scheduler.
//
// Cordons are kept by the agents. What else changes something comes with the cluster, and answers UNIMPLEMENTED until then.
import {
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { type admin, authorizationOf, bearerCheck, leaderMetadata } from '#protocol';
import { containerRows, demandRows, nodeRows, sessionRows } from './admin-rows';
import type { CoreView } from './core/scheduler-core';
import type { Scheduling, SchedulerEvent } from './scheduling';

interface Refusal {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

const refusal = (code: status, details: string, leader?: string): Refusal => ({
  code,
  details,
  metadata: leaderMetadata(leader),
});

/** A watcher that reads too slowly is dropped rather than buffered for. */
const unreadEventsCount = 10_000;

export class AdminGrpc {
  private readonly isAllowed: (authorization: string | undefined) => boolean;

  constructor(
    token: string,
    private readonly schedulerId: string,
    private readonly scheduling: Scheduling,
  ) {
    this.isAllowed = bearerCheck(token);
  }

  readonly implementation: admin.AdminServer = {
    getLeader: this.asked(({ nowMs, sinceMs }, _, epoch) => ({
      schedulerId: this.schedulerId,
      epoch,
      leadingMs: BigInt(Math.round(nowMs - sinceMs)),
    })),
    listNodes: this.asked((view) => ({ nodes: nodeRows(view) })),
    listContainers: this.asked((view, { nodeId, actionKey }: admin.ListContainersRequest) => ({
      containers: containerRows(view, nodeId, actionKey),
    })),
    listSessions: this.asked((view) => ({ sessions: sessionRows(view) })),
    listDemands: this.asked((view) => ({ demands: demandRows(view) })),
    cordon: this.cordoning(true),
    uncordon: this.cordoning(false),
    drain: this.later(),
    setStemCells: this.later(),
    evictContainer: this.later(),
    stepDown: this.later(),
    watch: (call) => this.watch(call),
  };

  private refused(metadata: Metadata): Refusal | undefined {
    if (!this.isAllowed(authorizationOf(metadata)))
      return refusal(status.UNAUTHENTICATED, 'admin: wrong token; give the one of ADMIN_TOKEN.');
    return this.scheduling.epoch === undefined ? this.standby() : undefined;
  }

  /** Names the leader's admin address, if it is known. */
  private standby(): Refusal {
    const details = 'admin: this scheduler does not lead; ask another.';
    return refusal(status.FAILED_PRECONDITION, details, this.scheduling.leader?.admin);
  }

  private asked<Request, Reply>(
    reply: (view: CoreView, request: Request, epoch: bigint) => Reply,
  ): (call: ServerUnaryCall<Request, Reply>, answer: sendUnaryData<Reply>) => void {
    return ({ metadata, request }, answer) => {
      const refused = this.refused(metadata);
      if (refused) return answer(refused);
      answer(null, reply(this.scheduling.view!, request, this.scheduling.epoch!));
    };
  }

  private cordoning(
    cordoned: boolean,
  ): (call: ServerUnaryCall<admin.NodeRequest, admin.NodeReply>, answer: sendUnaryData<admin.NodeReply>) => void {
    return ({ metadata, request: { nodeId } }, answer) => {
      const refused = this.refused(metadata);
      if (refused) return answer(refused);
      this.scheduling.cordon(nodeId, cordoned).then(
        () => answer(null, { node: nodeRows(this.scheduling.view).find(({ id }) => id === nodeId) }),
        (error: unknown) =>
          answer(refusal(status.UNAVAILABLE, `admin: ${error instanceof Error ? error.message : String(error)}`)),
      );
    };
  }

  private later<Request, Reply>(): (call: ServerUnaryCall<Request, Reply>, answer: sendUnaryData<Reply>) => void {
    return ({ metadata }, answer) =>
      answer(this.refused(metadata) ?? refusal(status.UNIMPLEMENTED, 'admin: this call comes with the cluster.'));
  }

  private watch(call: ServerWritableStream<admin.WatchRequest, admin.Event>): void {
    const refused = this.refused(call.metadata);
    if (refused) return void call.emit('error', refused);
    const unwatch = this.scheduling.watch(
      ({ atMs, subject, id, what }: SchedulerEvent) => {
        if (call.writableLength < unreadEventsCount) return void call.write({ atMs: BigInt(atMs), subject, id, what });
        unwatch();
        call.emit('error', refusal(status.RESOURCE_EXHAUSTED, 'admin: watching too slowly; watch again.'));
      },
      () => call.emit('error', this.standby()),
    );
    call.on('cancelled', unwatch);
    call.on('close', unwatch);
    call.on('error', unwatch);
  }
}
