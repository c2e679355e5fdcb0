// What must hold after every step, whatever happens. Each throws with one sentence.
//
// They are judged from outside: by what is on the machines, and by what each process itself believes at that moment. None repeats how
// the real code decides. After each step the processes are looked at that acted in it, since nothing else has changed; every so many steps,
// after each fault and at the end, all of them.
import type { Note, RemovalReason } from '#protocol';
import type { Proxy } from '../../apps/controller/src/invoke/load-balancer';
import type { StoredNote } from '../../apps/invoker-agent/src/ledger/stored-note';
import type { Agent } from './agent';
import { Chain } from './chain';
import { Controller } from './controller';
import type { Invocation } from './invocation';
import type { ContainerRequest, Machine, RunningContainer } from './machine';
import type { Process } from './process';
import { Scheduler } from './scheduler';
import { stateOf } from './states';
import type { World } from './world';

/** Steps between two looks at everything, where each step is watched. */
const scanSteps = 50;
/** Elsewhere, for each container and process: a look costs in proportion to what is there, and so it is a like share of the work in a cluster of any size. */
const scanStepsEach = 100;

export class Promises {
  /** Highest epoch of any command that reached an agent's process, ever. */
  private readonly seenMost = new Map<string, bigint>();
  /** Of clients, until they end. */
  readonly open = new Chain<readonly [Invocation, Controller]>();
  /** Containers that were removed because their owner's use lease had lapsed. */
  private readonly orphans = new Set<string>();
  /** Grants that reached their controllers, and of these the ones that were given back. */
  private readonly received = new Set<string>();
  private readonly givenBack = new Set<string>();
  /** Containers that a leader found at an agent without having asked for them. */
  readonly adopted = new Set<string>();
  private readonly begunRuns = new Map<string, number>();
  /** Processes that acted since the last check. */
  private readonly touched = new Set<Process>();
  private steps = 0;
  private scansAt = scanSteps;
  /** What the cluster was seen in. */
  readonly states = new Set<string>();
  readonly counts = { accepted: 0, ran: 0, ended: 0, staleCommands: 0 };

  /** Whether what each step may have changed is looked at, and what has ended is remembered. */
  private readonly remembers: boolean;

  constructor(private readonly world: World) {
    this.remembers = world.watch === 'steps';
  }

  private broken(what: string): never {
    throw new Error(`broken promise: ${what}`);
  }

  // ---- machines ----

  memoryHolds({ nodeId, usedMb, memoryMb }: Machine): void {
    if (usedMb > memoryMb) this.broken(`${nodeId} has ${memoryMb} MB, its containers use ${usedMb}`);
  }

  addressIsFree(taken: RunningContainer | undefined, { id, address }: RunningContainer): void {
    if (taken) this.broken(`${id} gets ${address}, where ${taken.id} listens`);
  }

  mayFreeze({ id, working }: RunningContainer): void {
    for (const { activation, isAwaited } of working) {
      if (isAwaited()) this.broken(`${id} is frozen while ${activation} runs in it`);
    }
  }

  /** What listens at an address gets a request. */
  mayRunIn({ id, code, noted }: RunningContainer, request: ContainerRequest): void {
    const { sender, activation, containerId, grantId, key } = request;
    if (containerId !== id) this.broken(`${sender} sends ${activation} to ${containerId}, and ${id} has its address`);
    if (code !== undefined && code !== key) this.broken(`${activation} of ${key} meets the code of ${code} in ${id}`);
    const note = noteIn(noted);
    if (!note) return this.broken(`${sender} runs ${activation} in ${id}, which was never bound`);
    if (!isTitleOf(sender, note) || note.grantId !== grantId) {
      this.broken(
        `${sender} runs ${activation} in ${id} by grant ${grantId}; its note says ${note.owner} ${note.grantId}`,
      );
    }
    if (note.actionKey !== key) this.broken(`${activation} of ${key} runs in ${id}, bound to ${note.actionKey}`);
  }

  mayInit({ id, code }: RunningContainer, { activation }: ContainerRequest): void {
    if (code !== undefined) this.broken(`${activation} initialises ${id}, which has code already`);
  }

  /** Once; one whose action asks for further attempts when it is lost, as often as that. */
  begun({ activation, attemptsMost }: ContainerRequest): void {
    this.counts.ran += 1;
    if (!this.remembers) return;
    const runs = (this.begunRuns.get(activation) ?? 0) + 1;
    if (runs > attemptsMost) this.broken(`${activation} runs ${runs} times, ${attemptsMost} are allowed`);
    this.begunRuns.set(activation, runs);
  }

  /** A row of the queue was settled by a record. */
  recorded(activation: string, hadRecord: boolean): void {
    if (hadRecord) this.broken(`${activation} is settled a second time`);
  }

  private noteOf(machine: Machine, id: string): Note | undefined {
    return noteIn(machine.disk.notes.get(id));
  }

  // ---- agents ----

  /** Answers what to check when the command was obeyed. */
  beforeCommand(agent: Agent, epoch: bigint): (() => void) | undefined {
    const seen = this.seenMost.get(agent.nodeId) ?? 0n;
    if (epoch >= seen) {
      if (epoch > seen) this.seenMost.set(agent.nodeId, epoch);
      return undefined;
    }
    this.counts.staleCommands += 1;
    const before = bookOf(agent);
    return () => {
      if (bookOf(agent) !== before) this.broken(`${agent.nodeId} obeyed epoch ${epoch} after it had seen ${seen}`);
      if (agent.ledger.epoch < seen) this.broken(`${agent.nodeId} forgot epoch ${seen}`);
    };
  }

  /** Who believes that he may run something in it, by his own lease: of everybody, or, where steps are not watched, of whom its note names. */
  private users(id: string, noted?: Note): { controller: Controller; proxy: Proxy<Invocation> }[] {
    const users: { controller: Controller; proxy: Proxy<Invocation> }[] = [];
    for (const controller of this.world.controllers) {
      if (controller.state === 'dead') continue;
      if (noted && !this.remembers && !isTitleOf(controller.title, noted)) continue;
      const { balancer } = controller.path;
      const proxy = balancer.warm.find(id) as Proxy<Invocation> | undefined;
      if (!proxy || proxy.state === 'removed') continue;
      if (balancer.leases.lives(proxy.node!, controller.now)) users.push({ controller, proxy });
    }
    return users;
  }

  mayRemove({ nodeId, machine }: Agent, id: string, reason: RemovalReason): void {
    const what = `${nodeId} removes ${id} (${reason})`;
    const note = this.noteOf(machine, id);
    for (const { controller, proxy } of this.users(id, note)) {
      if (proxy.container.grantId === note?.grantId) {
        this.broken(`${what} while ${controller.title} owns it and its lease lives (${proxy.state})`);
      }
    }
    if (reason === 'orphan' && this.remembers) this.orphans.add(id);
    if (reason === 'failed' || reason === 'orphan') return;
    for (const { activation, sender, isAwaited } of machine.containers.get(id)?.working ?? []) {
      if (isAwaited()) this.broken(`${what} while ${activation} of ${sender} runs in it`);
    }
  }

  bound({ nodeId }: Agent, id: string, before: Note | undefined, note: Note): void {
    if (!before || before.grantId === note.grantId) return;
    if (before.actionKey !== note.actionKey) {
      this.broken(`${nodeId} binds ${id} of ${before.actionKey} to ${note.actionKey}`);
    }
    const isMoved = before.owner !== note.owner || before.incarnation !== note.incarnation;
    const grant = `${id} ${before.grantId}`;
    if (isMoved && this.received.has(grant) && !this.givenBack.has(grant)) {
      this.broken(
        `${nodeId} binds ${id} to ${note.owner}, and ${before.owner}/${before.incarnation} never gave it back`,
      );
    }
    for (const { controller, proxy } of this.users(id, before)) {
      if (proxy.container.grantId === before.grantId) {
        this.broken(`${nodeId} binds ${id} to ${note.owner} while ${controller.title} owns it`);
      }
    }
  }

  // ---- controllers ----

  granted(id: string, grantId: string): void {
    if (this.remembers) this.received.add(`${id} ${grantId}`);
  }

  gaveBack(id: string, grantId: string): void {
    if (this.remembers) this.givenBack.add(`${id} ${grantId}`);
  }

  dispatched(controller: Controller, { container, node }: Proxy<Invocation>): void {
    if (this.orphans.has(container.id))
      this.broken(`${controller.title} uses ${container.id}, an orphan that was removed`);
    if (controller.path.balancer.leases.lives(node!, controller.now)) return;
    this.broken(`${controller.title} uses ${container.id} without a use lease`);
  }

  running(controller: Controller, { container, state }: Proxy<Invocation>, invocation: Invocation): void {
    const { activation, key } = invocation;
    if (invocation.ended) this.broken(`${controller.title} runs ${activation}, which ended as ${invocation.ended}`);
    if (state === 'removed') this.broken(`${controller.title} runs ${activation} in ${container.id}, which it gave up`);
    if (container.actionKey !== key) this.broken(`${activation} of ${key} runs in ${container.id} of another key`);
  }

  superseded(controller: Controller, reason: string): void {
    this.broken(`${controller.title} is superseded (${reason}), though it is the newest`);
  }

  accepted(controller: Controller, invocation: Invocation): void {
    this.counts.accepted += 1;
    invocation.open = this.open.add([invocation, controller]);
  }

  ended({ title }: Controller, invocation: Invocation, how: string): void {
    if (invocation.ended) this.broken(`${invocation.activation} ends as ${how} at ${title}, after ${invocation.ended}`);
    invocation.ended = how;
    this.counts.ended += 1;
    invocation.open?.remove();
    if (this.world.transcript.isOn) this.world.transcript.say(title, `${invocation.activation} ends: ${how}`);
  }

  /** Its clients see their connections end. */
  died(controller: Controller): void {
    for (const [invocation, at] of this.open.all()) {
      if (at === controller && invocation.ended === undefined)
        this.ended(controller, invocation, 'its controller died');
    }
  }

  // ---- everything ----

  /** That process does something in this step. */
  acted(process: Process): void {
    if (this.remembers) this.touched.add(process);
  }

  /** After every step. */
  check(): void {
    this.steps += 1;
    if (this.steps >= this.scansAt) return this.scan();
    if (this.touched.size === 0) return;
    for (const process of this.touched) this.look(process);
    this.touched.clear();
  }

  /** Everything. */
  scan(): void {
    this.touched.clear();
    for (const process of this.world.processes) this.look(process, true);
    const containers = this.checkAllOwners();
    this.scansAt =
      this.steps + (this.remembers ? scanSteps : scanStepsEach * (this.world.processes.length + containers));
    if (this.remembers) this.states.add(stateOf(this.world));
  }

  private look(process: Process, isScan = false): void {
    if (process.state === 'dead') return;
    if (process instanceof Controller) {
      if (!isScan) this.checkOwners(process);
      this.checkQueues(process);
    } else if (process instanceof Scheduler && process.holds) this.checkLeader(process);
  }

  private checkOwners(controller: Controller): void {
    for (const { container } of controller.path.balancer.warm.all()) {
      for (const other of this.world.controllers) {
        if (other === controller || other.state === 'dead' || !other.path.balancer.warm.find(container.id)) continue;
        this.checkUsers(container.id);
      }
    }
  }

  /** Of all at once: nobody is asked for what the others have. Answers how many containers there are. */
  private checkAllOwners(): number {
    const listed = new Set<string>();
    for (const { state, path } of this.world.controllers) {
      if (state === 'dead') continue;
      for (const { container } of path.balancer.warm.all()) {
        if (listed.has(container.id)) this.checkUsers(container.id);
        else listed.add(container.id);
      }
    }
    return listed.size;
  }

  private checkUsers(id: string): void {
    const users = this.users(id).map(({ controller: { title } }) => title);
    if (users.length > 1) this.broken(`${id} has two owners: ${users.join(' and ')}`);
  }

  /** A leader says or commands something. */
  acts(name: string, leaseUntil: number): void {
    const overMs = this.world.queue.now - leaseUntil;
    if (overMs >= 0) this.broken(`${name} acts ${Math.round(overMs)} ms after its lease has lapsed`);
  }

  /** Found at an agent and promised by nobody, e.g. since the agent stood still until its tombstone was over, and then read the creation. */
  private unexpectedMb(containers: Iterable<{ readonly id: string; readonly memoryMb: number }>): number {
    let unexpectedMb = 0;
    for (const { id, memoryMb } of containers) if (this.adopted.has(id)) unexpectedMb += memoryMb;
    return unexpectedMb;
  }

  private checkLeader({ name, core }: Scheduler): void {
    for (const node of core?.view.nodes.values() ?? []) {
      if (node.hasInventory && node.freeMb < 0 && node.freeMb + this.unexpectedMb(node.containers) < 0) {
        this.broken(`${name} has promised ${node.usedMb} + ${node.heldMb} MB of ${node.id}'s ${node.memoryMb}`);
      }
      let usedMb = 0;
      for (const { memoryMb } of node.containers) usedMb += memoryMb;
      if (usedMb !== node.usedMb) this.broken(`${name} counts ${node.usedMb} MB on ${node.id}, there are ${usedMb}`);
    }
    for (const { outbox } of core?.view.sessions ?? []) {
      // By keys and containers, and those that came and went while their controller did not read.
      const most = 5 * this.world.actions.length + 100;
      if (outbox.size > most) this.broken(`${name} keeps ${outbox.size} messages for one controller`);
    }
  }

  private checkQueues({ title, path }: Controller): void {
    const { overflow, warm } = path.balancer;
    const { overflowTotalCount } = this.world.limits;
    // Those that come back are never refused, and each had a container.
    if (overflow.length > overflowTotalCount + warm.size + path.limits.peerConnectionsCount) {
      this.broken(`${title} has ${overflow.length} waiters`);
    }
    if (overflow.length === 0) return;
    for (const proxy of warm.all()) {
      const { id, actionKey } = proxy.container;
      if (proxy.canReserve() && overflow.lengthOf(actionKey) > 0) {
        this.broken(`${title}: somebody waits for ${actionKey} beside ${id}, which is ${proxy.state}`);
      }
    }
  }
}

/** What an agent would tell of its containers. */
function bookOf({ ledger }: Agent): string {
  return JSON.stringify([...ledger.records()]);
}

function noteIn(stored: StoredNote | undefined): Note | undefined {
  return stored && typeof stored.note === 'object' ? stored.note : undefined;
}

/** Whether it is `owner/incarnation`; spelled out, it would be made anew for each run. */
function isTitleOf(title: string, { owner, incarnation }: Note): boolean {
  return (
    title.length === owner.length + 1 + incarnation.length &&
    title.startsWith(owner) &&
    title[owner.length] === '/' &&
    title.endsWith(incarnation)
  );
}
