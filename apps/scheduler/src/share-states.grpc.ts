// Share-states over gRPC: one stream per controller, between the wire and the core.
//
// Guarantees: a caller without the cluster secret gets nothing; at most what the stream takes is encoded, the rest waits in the
// session's outbox, which is bounded by containers and keys; when a stream ends, the core hears of it exactly once.
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { authorizationOf, bearerCheck, leaderMetadata, type shareStates } from '#protocol';
import type { Logger } from '#telemetry';
import type { CloseCode, StreamId } from './core/effects';
import type { Scheduling, Streams } from './scheduling';

type Call = ServerDuplexStream<shareStates.ControllerMessage, shareStates.SchedulerMessage>;

interface Stream {
  readonly call: Call;
  isWritable: boolean;
}

const codes = {
  refused: status.FAILED_PRECONDITION,
  replaced: status.ABORTED,
  superseded: status.ABORTED,
  'bad-message': status.INVALID_ARGUMENT,
} as const satisfies Record<CloseCode, status>;

function fail(call: Call, code: status, details: string, leader?: string): void {
  call.emit('error', { code, details, metadata: leaderMetadata(leader) });
}

export class ShareStatesGrpc implements Streams {
  private readonly streams = new Map<StreamId, Stream>();
  private readonly isAllowed: (authorization: string | undefined) => boolean;
  private lastStream = 0;

  constructor(
    secret: string,
    private readonly scheduling: Scheduling,
    private readonly logger: Logger,
  ) {
    this.isAllowed = bearerCheck(secret);
  }

  readonly implementation: shareStates.ShareStatesServer = { connect: (call) => this.connect(call) };

  private connect(call: Call): void {
    if (!this.isAllowed(authorizationOf(call.metadata))) {
      return fail(
        call,
        status.UNAUTHENTICATED,
        'share-states: wrong cluster secret; set CLUSTER_SECRET of the same cluster.',
      );
    }
    if (this.scheduling.epoch === undefined) {
      return fail(
        call,
        status.FAILED_PRECONDITION,
        'share-states: this scheduler does not lead; ask another of SCHEDULERS.',
        this.scheduling.leader?.listen,
      );
    }
    this.lastStream += 1;
    const id = this.lastStream;
    this.streams.set(id, { call, isWritable: true });
    call.on('data', (message: shareStates.ControllerMessage) => {
      if (this.streams.has(id)) this.scheduling.input({ kind: 'message', stream: id, message });
    });
    call.on('drain', () => {
      const stream = this.streams.get(id);
      if (stream) stream.isWritable = true;
      this.pump(id);
    });
    call.on('end', () => {
      this.forget(id);
      call.end();
    });
    call.on('error', (error: Error) => {
      if (this.streams.has(id)) this.logger.debug({ err: error }, `share-states: stream ${id} broke`);
      this.forget(id);
    });
    call.on('cancelled', () => this.forget(id));
    call.on('close', () => this.forget(id));
  }

  private forget(id: StreamId): void {
    if (this.streams.delete(id)) this.scheduling.input({ kind: 'stream-closed', stream: id });
  }

  pump(id: StreamId): void {
    const stream = this.streams.get(id);
    while (stream?.isWritable) {
      const message = this.scheduling.nextMessage(id);
      if (!message) return;
      stream.isWritable = stream.call.write(message);
    }
  }

  close(id: StreamId, code: CloseCode, text: string): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    this.logger.info(`share-states: stream ${id} closed (${text})`);
    this.pump(id);
    this.streams.delete(id);
    fail(stream.call, codes[code], text);
    this.scheduling.input({ kind: 'stream-closed', stream: id });
  }

  closeAll(text: string): void {
    for (const [id, { call }] of this.streams) {
      this.streams.delete(id);
      fail(call, status.UNAVAILABLE, text);
    }
  }
}
