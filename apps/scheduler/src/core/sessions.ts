// The streams of controllers: Hello, Welcome, what the Hello claims, and the end of a stream.
//
// Guarantees: a stream of an older generation or incarnation changes nothing; only the incarnation that a note names re-adopts its
// container; containers of a superseded incarnation are removed, never given to another. Losing a stream takes nothing away: its
// containers stay owned until their use lease lapses.
import { protocolVersion, type shareStates } from '#protocol';
import type { ActionKeys } from './action-keys';
import type { Asks } from './asks';
import type { Claims } from './claims';
import type { Container } from './container';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Demands } from './demands';
import type { CloseCode, StreamId } from './effects';
import { Outbox, tell } from './outbox';
import type { Owners } from './owners';
import type { Removals } from './removals';
import type { Owner, Session } from './session';

export class Sessions {
  private readonly byStream = new Map<StreamId, Session>();
  /** What the shell may still write before it closes a stream. */
  private readonly lastWords = new Map<StreamId, Outbox>();

  constructor(
    private readonly context: Context,
    private readonly owners: Owners,
    private readonly keys: ActionKeys,
    private readonly containers: Containers,
    private readonly demands: Demands,
    private readonly asks: Asks,
    private readonly removals: Removals,
    private readonly claims: Claims,
  ) {}

  get open(): Iterable<Session> {
    return this.byStream.values();
  }

  find(stream: StreamId): Session | undefined {
    return this.byStream.get(stream);
  }

  outboxOf(stream: StreamId): Outbox | undefined {
    return this.byStream.get(stream)?.outbox ?? this.lastWords.get(stream);
  }

  /** First message of a stream. */
  hello(stream: StreamId, hello: shareStates.Hello): void {
    const { controllerId, incarnation, generation } = hello;
    if (hello.protocolVersion !== protocolVersion) {
      const found = `protocol version ${hello.protocolVersion}, this scheduler speaks ${protocolVersion}`;
      return this.close(
        stream,
        'refused',
        `share-states: ${controllerId || 'a controller'} speaks ${found}; run the same release.`,
      );
    }
    if (controllerId === '') return this.close(stream, 'bad-message', 'share-states: Hello names no controller id.');
    const highest = this.owners.highest(controllerId);
    if (incarnation < highest) return this.supersede(stream, highest);
    const owner = this.owners.of(controllerId, incarnation);
    const old = owner.session;
    if (old && old.generation >= generation) {
      const text = `share-states: generation ${generation} of ${controllerId} is not newer than ${old.generation}, which is open.`;
      return this.close(stream, 'replaced', text);
    }
    for (const older of this.owners.supersede(owner)) this.end(older);
    if (old) {
      this.drop(old);
      this.close(old.stream, 'replaced', `share-states: generation ${generation} of ${controllerId} took over.`);
    }
    const session = this.start(stream, owner, hello);
    tell(this.context, session, { $case: 'welcome', value: { protocolVersion } });
    for (const demand of hello.demands) this.demand(session, demand);
    this.claims.take(session, hello.containers);
  }

  private start(stream: StreamId, owner: Owner, { generation, address }: shareStates.Hello): Session {
    const session: Session = {
      stream,
      owner,
      openedAt: this.context.sequence,
      generation,
      address,
      outbox: new Outbox(this.context.epoch),
      demands: new Map(),
      claims: new Map(),
      received: 0,
      isLeaving: false,
      cancelled: [],
      reportedMs: -Infinity,
    };
    this.byStream.set(stream, session);
    owner.session = session;
    this.context.event(
      'session',
      owner.controllerId,
      `connected (incarnation ${owner.incarnation}, generation ${generation})`,
    );
    return session;
  }

  demand(session: Session, message: shareStates.Demand): void {
    if (session.isLeaving) return;
    const demand = this.demands.set(session, message);
    if (!demand) return;
    this.context.unsettledDemands.add(demand);
    for (const old of this.keys.olderThan(demand.keyUse)) this.endOldRevision(old, message.actionKey);
  }

  /** Unless somebody still waits for that revision. */
  private endOldRevision(container: Container, newerKey: string): void {
    for (const demand of this.demands.ofKey(container.note!.actionKey)) if (this.demands.isOpen(demand)) return;
    if (container.state === 'parked') return this.removals.start(container, 'drained');
    if (!this.asks.isAskable(container)) return;
    container.isDoomed = true;
    this.asks.retire(container, `${newerKey} is newer`);
  }

  /** It stops gracefully: what it owns is handed on as soon as nothing runs there. */
  goodbye(session: Session): void {
    session.isLeaving = true;
    this.context.event('session', session.owner.controllerId, 'says goodbye');
    for (const demand of session.demands.values()) this.demands.drop(demand);
    for (const container of session.owner.containers) {
      if (this.asks.isAskable(container)) this.asks.retire(container, 'its controller says goodbye');
    }
  }

  closed(stream: StreamId): void {
    this.lastWords.delete(stream);
    const session = this.byStream.get(stream);
    if (!session) return;
    this.drop(session);
    this.owners.forgetIfEmpty(session.owner);
  }

  /** Its demands vanish with it; they come again with the next Hello, here or at the next leader. Its owner stays known: a newer stream may take over. */
  private drop(session: Session): void {
    const { owner, stream } = session;
    this.byStream.delete(stream);
    owner.session = undefined;
    for (const demand of session.demands.values()) this.demands.drop(demand);
    for (const container of owner.containers) {
      if (container.state === 'reclaiming') this.asks.kept(container, 'its owner is not connected');
      else this.containers.refresh(container);
    }
    this.context.event('session', owner.controllerId, `disconnected (generation ${session.generation})`);
  }

  /** A higher incarnation took over: nothing of this one is ever used again. */
  private end(owner: Owner): void {
    const { session } = owner;
    if (session) {
      this.drop(session);
      this.supersede(session.stream, this.owners.highest(owner.controllerId));
    }
    for (const container of owner.containers) this.claims.orphan(container);
    this.owners.forgetIfEmpty(owner);
  }

  private supersede(stream: StreamId, incarnation: bigint): void {
    const outbox = new Outbox(this.context.epoch);
    outbox.put({ $case: 'superseded', value: { incarnation } });
    this.lastWords.set(stream, outbox);
    this.close(stream, 'superseded', `share-states: incarnation ${incarnation} of this controller id is known.`);
  }

  close(stream: StreamId, code: CloseCode, text: string): void {
    this.context.effects.push({ kind: 'close', stream, code, text });
  }
}
