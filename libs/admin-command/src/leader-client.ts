// Asks the scheduler that leads, whichever that is: standbys are followed to the leader that they name, dead ones are passed over, and a
// failover is waited for, up to a limit.
//
// Guarantee: a command is sent again only where it surely was not carried out (a standby refused it, or nothing listened), or where
// carrying it out twice is the same as once.
import { setTimeout as pause } from 'node:timers/promises';
import {
  type CallOptions,
  type ClientReadableStream,
  credentials,
  type Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Clock } from '#clock';
import { admin, bearerMetadata, leaderHint, LeaderSearch } from '#protocol';
import { AdminFailure } from './failure';

type Method<Request, Reply> = (
  this: admin.AdminClient,
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  answer: (error: ServiceError | null, reply: Reply) => void,
) => unknown;

/** Agents store a cordon within 10 s or not at all. */
const callMs = 12_000;
/** For a question to one scheduler, after which the next one is asked. */
const probeMs = 2_000;
const betweenMs = 250;

/** Where nothing was sent. */
const isUnreachable = ({ code, details }: ServiceError): boolean =>
  code === status.UNAVAILABLE &&
  /ECONNREFUSED|No connection established|Name resolution|ENOTFOUND|EHOSTUNREACH/.test(details);

/** What a scheduler said itself begins so. */
const isItsWord = ({ details }: ServiceError): boolean => details.startsWith('admin: ');

export function sentenceOf(error: ServiceError): string {
  if (error.code === status.UNAUTHENTICATED)
    return 'the scheduler refuses the token; set ADMIN_TOKEN to that of the schedulers.';
  if (isUnreachable(error)) return 'nothing listens there';
  if (error.code === status.DEADLINE_EXCEEDED) return 'no answer in time';
  return error.details.replace(/^admin: /, '');
}

export class LeaderClient {
  private readonly clients = new Map<string, admin.AdminClient>();
  private readonly search: LeaderSearch;
  private readonly metadata: Metadata;

  constructor(
    readonly addresses: readonly string[],
    token: string,
    private readonly timeoutMs: number,
    private readonly clock: Clock,
  ) {
    this.search = new LeaderSearch(addresses);
    this.metadata = bearerMetadata(token);
  }

  /** The address that leads, as far as is known. */
  get current(): string {
    return this.search.current;
  }

  clientOf(address: string): admin.AdminClient {
    const client = this.clients.get(address) ?? new admin.AdminClient(address, credentials.createInsecure());
    this.clients.set(address, client);
    return client;
  }

  /** One question to one scheduler; rejects with the ServiceError. */
  call<Request, Reply>(
    address: string,
    method: (client: admin.AdminClient) => Method<Request, Reply>,
    request: Request,
    withinMs = probeMs,
  ): Promise<Reply> {
    const client = this.clientOf(address);
    return new Promise((resolve, reject) => {
      const options = { deadline: this.clock.wallMs() + withinMs };
      method(client).call(client, request, this.metadata, options, (error, reply) =>
        error ? reject(error) : resolve(reply),
      );
    });
  }

  /** Asks whoever leads. With `once`, what may have been carried out is not sent again. */
  async ask<Request, Reply>(
    method: (client: admin.AdminClient) => Method<Request, Reply>,
    request: Request,
    { once = false, withinMs = callMs } = {},
  ): Promise<Reply> {
    const asked = new Map<string, string>();
    const giveUpMs = this.clock.now() + this.timeoutMs;
    for (;;) {
      const address = this.search.current;
      try {
        const reply = await this.call(address, method, request, withinMs);
        this.search.found();
        return reply;
      } catch (thrown) {
        const error = thrown as ServiceError;
        const isStandby = error.code === status.FAILED_PRECONDITION;
        const mayTryAgain = isStandby || isUnreachable(error) || (!once && !isItsWord(error) && isTransient(error));
        if (!mayTryAgain) throw new AdminFailure(sentenceOf(error));
        asked.set(address, isStandby ? 'stands by' : sentenceOf(error));
        await this.goOn(error, giveUpMs, asked);
      }
    }
  }

  /** The events of whoever leads now; it ends with an error when that one leads no more. */
  async watch(): Promise<ClientReadableStream<admin.Event>> {
    await this.ask((client) => client.getLeader, {}, { withinMs: probeMs });
    return this.clientOf(this.search.current).watch({}, this.metadata);
  }

  private async goOn(error: ServiceError, giveUpMs: number, asked: ReadonlyMap<string, string>): Promise<void> {
    const isAtOnce = isUnreachable(error) ? this.search.unreachable() : this.search.missed(leaderHint(error));
    if (isAtOnce) return;
    if (this.clock.now() >= giveUpMs) {
      const found = [...asked].map(([address, what]) => `${address} ${what}`).join('; ');
      throw new AdminFailure(
        `no scheduler leads (${found}); start one, give host:port of its admin port with --address, or a longer --timeout.`,
      );
    }
    await pause(betweenMs);
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }
}

function isTransient({ code }: ServiceError): boolean {
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
}
