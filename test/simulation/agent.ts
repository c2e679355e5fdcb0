// An invoker agent: the real ledger, obeyed as containers.ts obeys it. Creations and removals take time and sometimes fail; the process
// may die and come back to a machine on which containers run on, or not.
import {
  cordonFlags,
  type Bind,
  type Cordon,
  type CreateContainer,
  type CreatedContainer,
  type heartbeat,
  type Inventory,
  LeaderSearch,
  type LeaseReply,
  protocolVersion,
  type Remove,
  type SuspendRequest,
} from '#protocol';
import { type BindStep, Ledger } from '../../apps/invoker-agent/src/ledger/ledger';
import { Refusal } from '../../apps/invoker-agent/src/ledger/refusal';
import { neverBound } from '../../apps/invoker-agent/src/ledger/stored-note';
import type { Verdict } from '../../apps/invoker-agent/src/ledger/verdict';
import { type Asker, Askers } from './askers';
import { Machine } from './machine';
import { Process } from './process';
import type { World } from './world';

export type Reply<T> = { readonly value: T } | { readonly refusal: Refusal };

export class Agent extends Process {
  readonly machine: Machine;
  ledger!: Ledger;
  /** Share of creations that the driver fails. */
  failShare = 0;
  /** Share of creations that take longer than anybody waits. */
  slowShare: number;
  /** Creations in progress: whoever waits for one. */
  private creations = new Askers<Reply<CreatedContainer>>();
  private removals = new Askers<Reply<void>>();
  private search!: LeaderSearch;
  private isBeating = false;
  private isBeatWanted = false;
  private wasAccepted = false;
  private readonly url: string;

  constructor(
    world: World,
    readonly nodeId: string,
    readonly memoryMb: number,
  ) {
    super(world, nodeId);
    this.slowShare = world.timings.slowShare;
    this.url = `http://${nodeId}`;
    this.machine = new Machine(world, nodeId, memoryMb, world.promises);
  }

  // ---- its life ----

  protected override begin(): void {
    const { disk } = this.machine;
    const { limits } = this.world;
    disk.incarnation += 1n;
    this.creations = new Askers();
    this.removals = new Askers();
    this.isBeating = this.isBeatWanted = this.wasAccepted = false;
    this.search = new LeaderSearch(this.world.schedulerNames);
    this.ledger = new Ledger(
      {
        nodeId: this.nodeId,
        incarnation: disk.incarnation,
        memoryMb: this.memoryMb,
        addresses: Array.from({ length: this.world.addressCount }, (_, at) => `${this.nodeId}:${at}`),
        createTimeoutMs: limits.createTimeoutMs,
        wipeableKinds: new Set(),
        graceLeaseMs: limits.useLeaseRenewMs * limits.useLeaseFactor,
      },
      disk,
      this.now,
    );
    this.recover();
    this.beatNow();
  }

  /** As containers.ts does at start. */
  private recover(): void {
    const { machine, ledger } = this;
    const { now } = this;
    const notes = new Map(machine.disk.notes);
    for (const { id, address } of [...machine.containers.values()]) {
      const stored = notes.get(id);
      notes.delete(id);
      if (!stored) {
        machine.end(id);
        machine.store([{ store: 'no-note', id }]);
        continue;
      }
      const note = stored.note === neverBound ? undefined : stored.note;
      const state = machine.stateOf(id) === 'suspended' ? 'suspended' : 'running';
      ledger.adopt({ ...stored, note }, state, { container: address }, now);
    }
    for (const { id, note, address } of notes.values()) {
      if (note === neverBound) machine.store([{ store: 'no-note', id }]);
      else ledger.lost(id, address, now);
    }
  }

  /** With the process driver its containers die with it. */
  killWithContainers(): void {
    this.kill();
    for (const id of [...this.machine.containers.keys()]) this.machine.end(id);
  }

  // ---- deciding ----

  private decide<T>(epoch: bigint | undefined, ask: (ledger: Ledger, now: number) => Verdict<T>): Reply<T> {
    const before = epoch === undefined ? undefined : this.world.promises.beforeCommand(this, epoch);
    const verdict = ask(this.ledger, this.now);
    this.machine.store(verdict.effects);
    before?.();
    return 'refusal' in verdict ? { refusal: verdict.refusal } : { value: verdict.value };
  }

  // ---- the scheduler's commands ----

  create(epoch: bigint, spec: CreateContainer, answer: (reply: Reply<CreatedContainer>) => void): void {
    const reply = this.decide(epoch, (ledger, now) => ledger.create(epoch, spec, now));
    if ('refusal' in reply) return answer(reply);
    const step = reply.value;
    if (step.step === 'there') return answer({ value: { id: spec.id, addresses: step.addresses } });
    if (!this.creations.has(spec.id)) {
      this.creations.begin(spec.id);
      this.startCreating(spec);
    }
    this.within(this.world.limits.createTimeoutMs, this.creations, spec.id, answer);
  }

  private startCreating(spec: CreateContainer): void {
    const { chance, limits } = this.world;
    const fails = chance.of(this.failShare);
    const tookMs = chance.of(this.slowShare)
      ? chance.between(1, 2) * limits.createTimeoutMs
      : this.world.timings.createMs(chance);
    if (!fails) this.machine.begin(spec.id, this.ledger.get(spec.id)!.address, spec.memoryMb);
    this.doing('create', tookMs, () => this.endCreating(spec.id, fails));
  }

  private endCreating(id: string, fails: boolean): void {
    const askers = this.creations.end(id);
    // It was aborted by a removal.
    if (!askers) return;
    if (fails) {
      this.machine.store(this.ledger.creationFailed(id, this.now));
      return this.tell(askers, { refusal: new Refusal('driver-failed', 'the driver failed') });
    }
    if (!this.machine.containers.has(id)) this.ledger.exited(id, 'it ended');
    const { address } = this.ledger.get(id)!;
    this.ledger.created(id, { container: address });
    const { state } = this.ledger.get(id)!;
    if (state === 'running') return this.tell(askers, { value: { id, addresses: { container: address } } });
    this.tell(askers, { refusal: new Refusal('driver-failed', `it is ${state}`) });
    this.beatNow();
  }

  bind(epoch: bigint, id: string, bind: Bind): Reply<BindStep> {
    const before = this.ledger.get(id)?.note;
    const reply = this.decide(epoch, (ledger, now) => ledger.bind(epoch, id, bind, now));
    if ('value' in reply) this.world.promises.bound(this, id, before, bind.note);
    return reply;
  }

  remove(epoch: bigint, id: string, command: Remove, answer: (reply: Reply<void>) => void): void {
    const stateBefore = this.ledger.get(id)?.state;
    const reply = this.decide(epoch, (ledger, now) => ledger.remove(epoch, id, command, now));
    if ('refusal' in reply) return answer(reply);
    if (reply.value === 'gone') return answer({ value: undefined });
    if (reply.value === 'end' && stateBefore !== 'exited') this.world.promises.mayRemove(this, id, command.reason);
    if (!this.removals.has(id)) {
      this.removals.begin(id);
      this.startRemoving(id);
    }
    this.within(this.world.limits.removeTimeoutMs, this.removals, id, answer);
  }

  private startRemoving(id: string): void {
    const { chance } = this.world;
    const creation = this.creations.end(id);
    if (creation) {
      this.machine.store(this.ledger.creationFailed(id, this.now));
      this.tell(creation, { refusal: new Refusal('removed', 'it was removed while it was created') });
    }
    this.machine.end(id);
    const fails = chance.of(this.failShare / 2);
    this.doing('remove', this.world.timings.removeMs(chance), () => {
      const askers = this.removals.end(id)!;
      if (fails) return this.tell(askers, { refusal: new Refusal('driver-failed', 'the driver failed') });
      this.machine.store(this.ledger.removed(id, this.now));
      this.tell(askers, { value: undefined });
    });
  }

  /** The driver is at it for so long, in this life. */
  private doing(what: 'create' | 'remove' | 'freeze', ms: number, act: () => void): void {
    const { life } = this;
    this.machine.spend(what, ms, 0, () => this.run(life, 'timer', act));
  }

  setCordon(epoch: bigint, cordon: Cordon): Reply<number> {
    return this.decide(epoch, (ledger, now) => ledger.setCordon(epoch, cordon, now));
  }

  /** An operator who insists until it is done. */
  cordon(cordon: Cordon): void {
    this.setCordon(this.ledger.epoch, cordon);
    this.beatNow();
  }

  inventory(epoch: bigint): Reply<Inventory> {
    return this.decide(epoch, (ledger, now) => ledger.inventory(epoch, now));
  }

  private within<T>(ms: number, askers: Askers<Reply<T>>, id: string, answer: Asker<Reply<T>>): void {
    const asker = (reply: Reply<T>): void => {
      timeout.cancel();
      answer(reply);
    };
    askers.join(id, asker);
    const timeout = this.timeout(ms, () => {
      if (askers.leave(id, asker)) answer({ refusal: new Refusal('timeout', 'it may be done later') });
    });
  }

  private tell<T>(askers: readonly Asker<Reply<T>>[], reply: Reply<T>): void {
    for (const answer of askers) answer(reply);
  }

  // ---- the controllers' commands ----

  renewLease(controllerId: string, incarnation: bigint, leaseMs: number): Reply<LeaseReply> {
    return this.decide(undefined, (ledger, now) => ledger.renew(controllerId, incarnation, leaseMs, now));
  }

  endLease(controllerId: string, incarnation: bigint): Reply<LeaseReply> {
    return this.decide(undefined, (ledger, now) => ledger.endLease(controllerId, incarnation, now));
  }

  suspendOrResume(
    id: string,
    verb: 'suspend' | 'resume',
    request: SuspendRequest,
    answer: (reply: Reply<void>) => void,
  ): void {
    const reply = this.decide(undefined, (ledger, now) => ledger.suspendOrResume(id, verb, request, now));
    if ('refusal' in reply) return answer(reply);
    this.doing('freeze', this.world.timings.freezeMs(this.world.chance), () => {
      // The driver does one thing at a time with a container; an older command is not done after a newer.
      const record = this.ledger.get(id);
      if (!this.machine.containers.has(id)) return answer({ refusal: new Refusal('driver-failed', 'it is gone') });
      if (record && (record.sequence !== request.sequence || record.note?.grantId !== request.grantId)) {
        return answer({ refusal: new Refusal('driver-failed', 'a newer command came') });
      }
      if (verb === 'suspend') this.machine.freeze(id);
      else this.machine.thaw(id);
      if (verb === 'suspend') this.ledger.suspended(id);
      else this.ledger.resumed(id);
      answer({ value: undefined });
    });
  }

  // ---- what happens to containers ----

  /** One of its containers ends by itself. */
  crash(id: string): void {
    if (this.isHeard) this.say(`container ${id} ends by itself`);
    this.machine.end(id);
    if (this.state === 'dead') return;
    this.run(this.life, 'message', () => {
      if (!this.creations.has(id) && this.ledger.exited(id, 'crashed')) this.beatNow();
    });
  }

  // ---- heartbeats ----

  private beatNow(): void {
    if (this.isBeating) {
      this.isBeatWanted = true;
      return;
    }
    this.isBeating = true;
    this.beat(0);
  }

  private beat(tried: number): void {
    const { world, search } = this;
    const scheduler = world.scheduler(search.current);
    const request = this.compose();
    world.network.call<{ epoch: bigint } | { leader: string | undefined }>({
      from: this,
      to: scheduler,
      timeoutMs: world.limits.heartbeatMs,
      serve: (answer) => answer(scheduler.heartbeat(request)),
      done: (outcome) => {
        if ('value' in outcome && 'epoch' in outcome.value) {
          const { epoch } = outcome.value;
          if ('value' in this.decide(epoch, (ledger, now) => ledger.sawEpoch(epoch, now))) {
            search.found();
            return this.beaten(true);
          }
        }
        search.missed('value' in outcome && 'leader' in outcome.value ? outcome.value.leader : undefined);
        if (tried < world.schedulerNames.length) this.beat(tried + 1);
        else this.beaten(false);
      },
    });
  }

  private beaten(accepted: boolean): void {
    const { reconnectMs, heartbeatMs } = this.world.limits;
    this.wasAccepted = accepted;
    this.isBeating = false;
    if (this.isBeatWanted) {
      this.isBeatWanted = false;
      return this.beatNow();
    }
    this.after(this.wasAccepted ? heartbeatMs : reconnectMs, () => {
      if (!this.isBeating) this.beatNow();
    });
  }

  private compose(): heartbeat.HeartbeatRequest {
    const { ledger, machine } = this;
    const { cordoned, draining } = cordonFlags(ledger.cordon);
    return {
      nodeId: this.nodeId,
      incarnation: machine.disk.incarnation,
      agentUrl: this.url,
      protocolVersion,
      memoryMb: this.memoryMb,
      kinds: this.world.shape.kinds as string[],
      driver: 'simulated',
      epoch: ledger.epoch,
      cordoned,
      draining,
      cordonNumber: ledger.cordonNumber,
      parallelCreations: this.world.shape.parallelCreations,
      lapsed: ledger.lapsed(this.now),
      exited: ledger
        .exitedContainers()
        .map(({ id, grantId, reason }) => ({ containerId: id, grantId: grantId ?? '', reason })),
      blackbox: false,
      wipes: false,
      intervalMs: this.world.limits.heartbeatMs,
    };
  }
}
