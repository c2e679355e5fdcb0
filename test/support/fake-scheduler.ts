// A scheduler that decides nothing: the real share-states service, for tests of controllers. It welcomes whoever comes, keeps what it hears, and
// says what the test tells it to.
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { authorizationOf, bearerCheck, protocolVersion, shareStates } from '#protocol';
import { until } from './until';

type Stream = ServerDuplexStream<shareStates.ControllerMessage, shareStates.SchedulerMessage>;
type Heard = NonNullable<shareStates.ControllerMessage['body']>;
type Word = NonNullable<shareStates.SchedulerMessage['body']>;
type ValueOf<C extends Heard['$case']> = Extract<Heard, { $case: C }>['value'];

interface Session {
  readonly stream: Stream;
  readonly hello: shareStates.Hello;
  readonly heard: Heard[];
  sent: number;
}

export class FakeScheduler {
  private readonly server = new Server();
  private readonly sessions = new Map<string, Session>();
  /** host:port */
  address = '';

  static async start(secret: string): Promise<FakeScheduler> {
    const scheduler = new FakeScheduler();
    const isAllowed = bearerCheck(secret);
    scheduler.server.addService(shareStates.ShareStatesService, {
      connect: (stream: Stream) => {
        if (isAllowed(authorizationOf(stream.metadata))) scheduler.connect(stream);
        else stream.end();
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      scheduler.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    scheduler.address = `127.0.0.1:${port}`;
    return scheduler;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  /** Its newest stream's. */
  hello(controllerId: string): shareStates.Hello {
    return this.session(controllerId).hello;
  }

  say(controllerId: string, body: Word): void {
    const session = this.session(controllerId);
    session.sent += 1;
    session.stream.write({ number: session.sent, epoch: 1n, body });
  }

  /** What was heard of this kind, in order. */
  all<C extends Heard['$case']>(controllerId: string, name: C): ValueOf<C>[] {
    const heard = this.sessions.get(controllerId)?.heard ?? [];
    return heard.flatMap((body) => (body.$case === name ? [body.value as ValueOf<C>] : []));
  }

  /** Waits for the newest demand to be like this. */
  async demand(controllerId: string, waiting: number, key?: string): Promise<shareStates.Demand> {
    return until(`a demand of ${controllerId} for ${waiting}`, () => {
      const demands = this.all(controllerId, 'demand').filter(
        ({ actionKey }) => key === undefined || actionKey === key,
      );
      const last = demands[demands.length - 1];
      return last?.waiting === waiting ? last : undefined;
    });
  }

  private session(controllerId: string): Session {
    const session = this.sessions.get(controllerId);
    if (!session) throw new Error(`fake scheduler: ${controllerId} is not connected`);
    return session;
  }

  private connect(stream: Stream): void {
    let session: Session | undefined;
    stream.on('data', ({ body }: shareStates.ControllerMessage) => {
      if (body?.$case === 'hello') {
        session = { stream, hello: body.value, heard: [], sent: 0 };
        this.sessions.set(body.value.controllerId, session);
        this.say(body.value.controllerId, { $case: 'welcome', value: { protocolVersion } });
      } else if (body) session?.heard.push(body);
    });
    stream.on('end', () => stream.end());
    stream.on('error', () => stream.destroy());
  }
}
