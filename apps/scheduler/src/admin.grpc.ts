// Admin over gRPC, on its own port and with its own token: what operators may see of the leading scheduler and tell it to do.
//
// Guarantees: without the token nothing is told, not even who leads; a standby changes nothing and names the leader.
import {
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { type admin, authorizationOf, bearerCheck, type Cordon, leaderMetadata } from '#protocol';
import { containerRows, demandRows, nodeRows, sessionRows, stemCellRows } from './admin-rows';
import type { CoreView } from './core/scheduler-core';
import { CommandRefused, type OperatorCommands, type RefusalReason } from './operator-commands';
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

const codes = {
  'not-found': status.NOT_FOUND,
  'bad-request': status.INVALID_ARGUMENT,
  unavailable: status.UNAVAILABLE,
  'not-possible': status.ABORTED,
} as const satisfies Record<RefusalReason, status>;

/** A watcher that reads too slowly is dropped rather than buffered for. */
const unreadEventsCount = 10_000;

function translate(error: unknown): Refusal {
  const sentence = error instanceof Error ? error.message : String(error);
  return refusal(error instanceof CommandRefused ? codes[error.reason] : status.INTERNAL, `admin: ${sentence}`);
}

export class AdminGrpc {
  private readonly isAllowed: (authorization: string | undefined) => boolean;

  constructor(
    token: string,
    private readonly schedulerId: () => string,
    private readonly scheduling: Scheduling,
    private readonly commands: OperatorCommands,
  ) {
    this.isAllowed = bearerCheck(token);
  }

  readonly implementation: admin.AdminServer = {
    getLeader: this.asked(({ nowMs, sinceMs }, _, epoch) => ({
      schedulerId: this.schedulerId(),
      epoch,
      leadingMs: BigInt(Math.round(nowMs - sinceMs)),
    })),
    listNodes: this.asked((view) => ({ nodes: nodeRows(view) })),
    listContainers: this.asked((view, { nodeId, actionKey }: admin.ListContainersRequest) => ({
      containers: containerRows(view, nodeId, actionKey),
    })),
    listSessions: this.asked((view) => ({ sessions: sessionRows(view) })),
    listDemands: this.asked((view) => ({ demands: demandRows(view) })),
    listStemCells: this.asked((view) => ({ stemCells: stemCellRows(view) })),
    cordon: this.cordoning('cordoned'),
    uncordon: this.cordoning('open'),
    drain: this.cordoning('draining'),
    setStemCells: this.told(async (order: admin.SetStemCellsRequest) => {
      await this.commands.setStemCells(order);
      return { stemCells: this.scheduling.view ? stemCellRows(this.scheduling.view) : [] };
    }),
    evictContainer: this.told(({ containerId }: admin.EvictContainerRequest) => {
      this.commands.evict(containerId);
      return {};
    }),
    stepDown: this.told(() => {
      this.commands.stepDown();
      return {};
    }),
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

  private told<Request, Reply>(
    act: (request: Request) => Promise<Reply> | Reply,
  ): (call: ServerUnaryCall<Request, Reply>, answer: sendUnaryData<Reply>) => void {
    const run = async (request: Request): Promise<Reply> => act(request);
    return ({ metadata, request }, answer) => {
      const refused = this.refused(metadata);
      if (refused) return answer(refused);
      run(request).then(
        (reply) => answer(null, reply),
        (error: unknown) => answer(translate(error)),
      );
    };
  }

  private cordoning(
    cordon: Cordon,
  ): (call: ServerUnaryCall<admin.NodeRequest, admin.NodeReply>, answer: sendUnaryData<admin.NodeReply>) => void {
    return this.told(async ({ nodeId }: admin.NodeRequest) => {
      await this.commands.cordon(nodeId, cordon);
      return { node: nodeRows(this.scheduling.view).find(({ id }) => id === nodeId) };
    });
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
