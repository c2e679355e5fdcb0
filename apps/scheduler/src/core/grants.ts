// Giving containers to controllers: the note first, then the Grant.
//
// Guarantees: a Grant is put on a stream only after the agent confirmed the note that names its receiver, so no change of leader can
// give one tenant's container to another. Memory is taken when a creation is decided, and freed by the agent's word only. A bind
// without an answer is repeated with the same grant id while the container stays reserved; its demand is served elsewhere.
import type { ContainerAddresses, CreateContainer, Note } from '#protocol';
import { shareStates } from '#protocol';
import { Container, type Start, stemKey } from './container';
import { containerIdOn } from './container-id';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Demand } from './demand';
import type { Demands } from './demands';
import type { AgentFailure } from './effects';
import type { Health } from './health';
import type { Node } from './node';
import type { Nodes } from './nodes';
import { tell } from './outbox';
import type { Removals } from './removals';
import type { Owner, Session } from './session';

const startNumbers = {
  warm: shareStates.Start.WARM,
  prewarmed: shareStates.Start.PREWARMED,
  cold: shareStates.Start.COLD,
} as const satisfies Record<Start, shareStates.Start>;

/** After this many in a row, a bind without an answer is repeated more and more slowly. */
const quickBinds = 4;

export class Grants {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly demands: Demands,
    private readonly removals: Removals,
    private readonly health: Health,
    private readonly isSuperseded: (owner: Owner) => boolean,
    /** Its agent is not there: nothing new for it before it is heard again. */
    private readonly suspect: (node: Node) => void,
  ) {}

  // ---- creating ----

  create(demand: Demand, node: Node): void {
    const { kind, image, memoryMb, concurrency } = demand;
    const id = this.newId(node);
    const given = { id, kind, image, memoryMb, concurrency, note: this.noteFor(demand) };
    const container = new Container(node, 'creating', given, this.context.nowMs);
    this.containers.setOwner(container, demand.session.owner);
    this.demands.attach(container, demand);
    this.begin(container, `for ${demand.actionKey}`);
  }

  createStemCell(node: Node, kind: string, memoryMb: number): void {
    const given = { id: this.newId(node), kind, image: undefined, memoryMb, concurrency: 1, note: undefined };
    this.begin(new Container(node, 'creating', given, this.context.nowMs), 'stem cell');
  }

  private newId({ prefix }: Node): string {
    return containerIdOn(prefix, this.context.randomHex(), this.context.randomHex());
  }

  private begin(container: Container, why: string): void {
    const { id, memoryMb, node } = container;
    this.containers.add(container);
    if (this.context.hearsContainers())
      this.context.event('container', id, `creating (${why}, ${memoryMb} MB on ${node.id})`);
    this.askCreate(container);
  }

  askCreate({ id, kind, image, memoryMb, concurrency, note, node }: Container): void {
    const request: CreateContainer = { id, kind, memoryMb, concurrency };
    if (image !== undefined) request.image = image;
    if (note) request.note = note;
    this.context.effects.push({ kind: 'create', agent: node.address, request });
  }

  created(container: Container, addresses: ContainerAddresses): void {
    if (container.state !== 'creating') return;
    container.addresses = addresses;
    container.creationMs = Math.max(1, this.context.nowMs - container.grantedMs);
    container.confirmedAt = this.context.sequence;
    this.health.succeeded(container.node);
    this.context.unsettledNodes.add(container.node);
    if (container.note) {
      this.demands.reconsider(container.keyUse);
      return this.give(container, 'created');
    }
    container.node.stemCellsPausedMs.delete(stemKey(container.kind, container.memoryMb));
    this.containers.become(container, 'stem-cell', 'created');
  }

  createFailed(container: Container, failure: AgentFailure): void {
    if (container.state !== 'creating') return;
    const { node, note } = container;
    this.context.event('container', container.id, `creation failed (${failure.code}: ${failure.text})`);
    if (failure.code === 'stale-epoch') {
      this.context.effects.push({ kind: 'higher-epoch', epoch: failure.epoch ?? this.context.epoch });
    }
    if (failure.code === 'no-capacity' || failure.code === 'stale-epoch') this.nodes.needInventory(node);
    if (!note) this.pauseStemCells(node, stemKey(container.kind, container.memoryMb));
    const isNodesFault = !['cannot-create', 'no-capacity', 'stale-epoch', 'removed'].includes(failure.code);
    if (isNodesFault) this.health.failed(node);
    if (failure.code === 'absent') this.suspect(node);
    const demand = this.demands.detach(container);
    this.demands.reconsider(container.keyUse);
    // An agent also says `driver-failed` of one that was started and ended at once, which it keeps until it is told to remove it.
    if (['unreachable', 'absent', 'timeout', 'driver-failed'].includes(failure.code)) {
      // Its address was never told to anybody, so it may be used again at once.
      this.removals.start(container, note ? 'drained' : 'unbound');
    } else {
      this.containers.forget(container);
      this.context.unsettledNodes.add(node);
    }
    if (!demand || !this.demands.isOpen(demand)) return;
    if (failure.code === 'cannot-create') this.fail(demand, shareStates.Failed_Class.DEVELOPER, failure.text);
    // An agent that died says nothing about what was asked of it: others are asked, and its waiters are not told.
    else if (isNodesFault && failure.code !== 'absent') this.countFailure(demand, failure.text);
  }

  private countFailure(demand: Demand, text: string): void {
    demand.failures += 1;
    if (demand.failures < this.context.limits.creationAttemptsCount) return;
    this.fail(demand, shareStates.Failed_Class.WHISK, text);
  }

  /** Answers the waiters of that key; the next Demand starts anew. */
  private fail(demand: Demand, failureClass: shareStates.Failed_Class, text: string): void {
    const value = { actionKey: demand.actionKey, class: failureClass, text };
    tell(this.context, demand.session, { $case: 'failed', value });
    this.context.event('demand', demand.actionKey, `failed (${text})`);
    this.demands.close(demand);
  }

  private pauseStemCells(node: Node, name: string): void {
    const untilMs = this.context.nowMs + this.context.limits.nodeProbeMs;
    node.stemCellsPausedMs.set(name, untilMs);
    this.context.timers.set(`stem-cells ${node.id} ${name}`, untilMs, () => this.context.unsettledNodes.add(node));
  }

  // ---- binding ----

  /** Reserves the container for the demand; its Grant follows the agent's word. */
  bind(container: Container, demand: Demand, start: Start): void {
    const note = this.noteFor(demand);
    const isAnother = container.note !== undefined && container.note.actionKey !== note.actionKey;
    if (isAnother && !this.containers.mayReuse(container, note.actionKey)) {
      throw new Error(`container ${container.id} of ${container.note?.actionKey} is not for ${note.actionKey}`);
    }
    this.context.timers.drop(container.deadline);
    this.containers.become(container, 'binding', `${start} for ${demand.actionKey}`, () => {
      container.noteBefore = container.note;
      container.note = note;
      this.containers.setOwner(container, demand.session.owner);
    });
    container.start = start;
    container.isGrantOnWire = false;
    container.isInitialised = start === 'warm';
    container.bindAttempts = 0;
    this.demands.attach(container, demand);
    this.askBind(container, note);
    this.context.unsettledNodes.add(container.node);
  }

  private askBind(container: Container, note: Note): void {
    container.bindAttempts += 1;
    const { id, node, noteBefore } = container;
    const wipe = noteBefore !== undefined && noteBefore.actionKey !== note.actionKey;
    this.context.effects.push({ kind: 'bind', agent: node.address, containerId: id, note, wipe });
  }

  bound(container: Container, grantId: string, addresses = container.addresses): void {
    if (container.state !== 'binding' || container.note?.grantId !== grantId) return;
    container.addresses = addresses;
    container.confirmedAt = this.context.sequence;
    container.noteBefore = undefined;
    this.give(container, 'bound');
  }

  bindFailed(container: Container, grantId: string, failure: AgentFailure): void {
    const { note } = container;
    if (container.state !== 'binding' || note?.grantId !== grantId) return;
    this.demands.detach(container);
    switch (failure.code) {
      case 'stale-grant':
        this.nodes.needInventory(container.node);
        return this.containers.become(container, 'unclaimed', failure.text);
      // It has ended, or the note is refused: the old one stands.
      case 'unknown-container':
        return this.unbind(container, failure.text, true);
      case 'superseded':
      case 'bad-request':
        return this.unbind(container, failure.text);
      case 'stale-epoch':
        this.context.effects.push({ kind: 'higher-epoch', epoch: failure.epoch ?? this.context.epoch });
        return this.repeatBind(container, note);
      case 'absent':
        this.suspect(container.node);
        return this.repeatBind(container, note);
      default:
        return this.repeatBind(container, note);
    }
  }

  private repeatBind(container: Container, note: Note): void {
    const { retryFirstMs, retryMostMs } = this.context.limits;
    const slow = container.bindAttempts - quickBinds;
    if (slow < 0) return this.askBind(container, note);
    const atMs = this.context.nowMs + Math.min(retryMostMs, retryFirstMs * 2 ** Math.min(slow, 30));
    container.deadline = this.context.timers.keep(container.deadline, atMs, this.bindAgain, container);
  }

  /** The deadline of a container whose note changes is dropped with it, so it is still the note that was to be bound. */
  private readonly bindAgain = (container: Container): void => {
    if (container.state === 'binding' && container.note) this.askBind(container, container.note);
  };

  private unbind(container: Container, why: string, hasEnded = false): void {
    this.containers.become(container, 'stem-cell', why, () => {
      container.note = container.noteBefore;
      this.containers.disown(container);
    });
    this.context.unsettledNodes.add(container.node);
    if (container.note) this.removals.start(container, 'drained');
    else if (hasEnded) this.removals.start(container, 'unbound');
  }

  // ---- granting ----

  private give(container: Container, why: string): void {
    const { owner } = container;
    this.containers.become(container, 'busy', why);
    container.grantedMs = this.context.nowMs;
    container.lastUsedMs = this.context.nowMs;
    this.demands.detach(container);
    // Its new owner was never told of it, so its address may be used again at once.
    if (!owner || this.isSuperseded(owner) || owner.session?.isLeaving) this.removals.start(container, 'drained');
    else this.offer(container);
  }

  /**
   * Grants what is bound and was not told yet, if its owner is connected and still waits. If nobody waits, it is kept for that action
   * key, uninitialised: it was never anybody's to use, and the next demand of the key gets it at once.
   */
  offer(container: Container): void {
    const { note, owner } = container;
    const session = owner?.session;
    if (!session || !note) return;
    const demand = session.demands.get(note.actionKey);
    if (demand && this.demands.isOpen(demand)) return this.send(container, session, note, demand);
    this.containers.become(container, 'parked', 'nobody waits for it any more', () =>
      this.containers.disown(container),
    );
    this.demands.reconsider(container.keyUse);
    this.context.unsettledNodes.add(container.node);
  }

  private send(container: Container, session: Session, note: Note, demand: Demand): void {
    const { node } = container;
    const onLeave = this.demands.granted(demand);
    const value: shareStates.Grant = {
      container: {
        id: container.id,
        nodeId: node.id,
        agentUrl: node.agentUrl,
        addresses: {
          container: container.addresses.container ?? '',
          published: container.addresses.published ?? '',
          proxy: container.addresses.proxy ?? '',
          unixSocket: container.addresses.unixSocket ?? '',
        },
        memoryMb: container.memoryMb,
        concurrency: container.concurrency,
        // Whether its former owner had suspended it is not known for certain; to resume a running one does no harm.
        suspended: container.start === 'warm',
        kind: container.kind,
      },
      grantId: note.grantId,
      actionKey: note.actionKey,
      start: startNumbers[container.start],
    };
    tell(this.context, session, { $case: 'grant', value }, (number) => {
      container.isGrantOnWire = true;
      container.toldOn = session.stream;
      onLeave(number);
    });
    demand.failures = 0;
    if (!this.context.hearsContainers()) return;
    const { id, start } = container;
    this.context.event('container', id, `granted ${note.grantId} to ${note.owner} (${start}, ${note.actionKey})`);
  }

  private noteFor({ session, actionKey, namespace, logLimitMb }: Demand): Note {
    return {
      owner: session.owner.controllerId,
      incarnation: session.owner.incarnationText,
      actionKey,
      namespace,
      grantId: this.context.nextGrantId(),
      epoch: this.context.epochText,
      logLimitMb,
    };
  }
}
