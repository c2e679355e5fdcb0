// A controller without HTTP: the real share-states stream of one controller, for tests of the scheduler.
import { type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { bearerMetadata, protocolVersion, shareStates } from '#protocol';
import { until } from '../support/until';

type Body = NonNullable<shareStates.SchedulerMessage['body']>;
type Case = Body['$case'];
type ValueOf<C extends Case> = Extract<Body, { $case: C }>['value'];

export const quietDemand: shareStates.Demand = {
  actionKey: 'guest|guest/hello|1',
  kind: 'nodejs:20',
  image: '',
  memoryMb: 256,
  concurrency: 1,
  waiting: 1,
  inFlight: 0,
  owned: 0,
  meanDurationMs: 0,
  oldestRunningMs: 0,
  lastSeen: 0,
  oldestWaitingMs: 0,
  logLimitMb: 10,
  namespaceConcurrency: 0,
};

export class FakeController {
  readonly received: shareStates.SchedulerMessage[] = [];
  error: ServiceError | undefined;
  private readonly client: shareStates.ShareStatesClient;
  private stream: ClientDuplexStream<shareStates.ControllerMessage, shareStates.SchedulerMessage> | undefined;
  private sent = 0;
  private generation = 0;

  constructor(
    address: string,
    private readonly secret: string,
    readonly controllerId = 'controller0',
    readonly incarnation = 1n,
  ) {
    this.client = new shareStates.ShareStatesClient(address, credentials.createInsecure());
  }

  connect(hello: Partial<shareStates.Hello> = {}): void {
    this.sent = 0;
    this.generation += 1;
    this.error = undefined;
    this.received.length = 0;
    this.stream = this.client.connect(bearerMetadata(this.secret));
    this.stream.on('data', (message: shareStates.SchedulerMessage) => this.received.push(message));
    this.stream.on('error', (error: ServiceError) => (this.error = error));
    this.say({
      $case: 'hello',
      value: {
        controllerId: this.controllerId,
        incarnation: this.incarnation,
        generation: this.generation,
        address: '',
        containers: [],
        demands: [],
        protocolVersion,
        ...hello,
      },
    });
  }

  say(body: NonNullable<shareStates.ControllerMessage['body']>): void {
    this.sent += 1;
    this.stream!.write({ number: this.sent, epoch: 0n, body });
  }

  demand(changes: Partial<shareStates.Demand> = {}): void {
    const lastSeen = this.received[this.received.length - 1]?.number ?? 0;
    this.say({ $case: 'demand', value: { ...quietDemand, lastSeen, ...changes } });
  }

  all<C extends Case>(name: C): ValueOf<C>[] {
    return this.received.flatMap(({ body }) => (body?.$case === name ? [body.value as ValueOf<C>] : []));
  }

  /** Waits for the message of that kind. */
  async next<C extends Case>(name: C, count = 1): Promise<ValueOf<C>> {
    await until(`message ${name} ${count}`, () => this.all(name).length >= count);
    return this.all(name)[count - 1]!;
  }

  /** Reads nothing until it resumes. */
  pause(): void {
    this.stream!.pause();
  }

  resume(): void {
    this.stream!.resume();
  }

  disconnect(): void {
    this.stream?.cancel();
  }

  close(): void {
    this.disconnect();
    this.client.close();
  }
}
