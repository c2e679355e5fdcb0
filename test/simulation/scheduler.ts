// A scheduler: the real leadership machine over the simulated lock server, and the real core while it leads, wired as elector.ts and
// scheduling.ts wire them.
import { Leadership, type LeadershipEffect, type LeadershipInput } from '../../libs/lease/src/leadership';
import type { Cordon, heartbeat, Inventory, shareStates } from '#protocol';
import type { AgentFailure, Effect, Input, StreamId } from '../../apps/scheduler/src/core/effects';
import { SchedulerCore } from '../../apps/scheduler/src/core/scheduler-core';
import type { Agent, Reply } from './agent';
import type { End, EndHandlers } from './connection';
import type { CallOutcome } from './network';
import { Process } from './process';
import { told } from './told';
import type { World } from './world';

export class Scheduler extends Process {
  core: SchedulerCore | undefined;
  leadership!: Leadership;
  /** By what it asked for itself; judged apart from the leadership machine. */
  private leaseUntil = 0;
  private secret: number | undefined;
  private leaderName: string | undefined;
  private streams = new Map<StreamId, End>();
  private lastStream = 0;
  private heartbeats = new Map<string, heartbeat.HeartbeatRequest>();

  protected override begin(): void {
    const { leaderLeaseMs, leaderRenewMs, leaderTryMs } = this.world.limits;
    this.leadership = new Leadership({ leaseMs: leaderLeaseMs, renewMs: leaderRenewMs, tryMs: leaderTryMs });
    this.secret = this.leaderName = undefined;
    this.every(leaderTryMs, () => this.lead({ kind: 'tick' }));
    this.lead({ kind: 'tick' });
  }

  protected override ended(): void {
    this.core = undefined;
    this.streams = new Map();
    this.heartbeats = new Map();
  }

  get holds(): boolean {
    return this.state !== 'dead' && this.leadership.holds(this.now);
  }

  stepDown(): void {
    this.lead({ kind: 'step-down' });
  }

  // ---- operators ----

  evict(containerId: string): void {
    if (this.isHeard) this.say(`is told to evict ${containerId}`);
    this.input({ kind: 'evict', containerId });
  }

  /** At the agent first, which keeps it. */
  cordon(agent: Agent, cordon: Cordon): void {
    const { core } = this;
    if (!core || !this.holds) return;
    if (this.isHeard) this.say(`is told that ${agent.name} is to be ${cordon}`);
    this.world.network.call<Reply<number>>({
      from: this,
      to: agent,
      timeoutMs: this.world.limits.removeTimeoutMs,
      serve: (answer) => answer(agent.setCordon(core.epoch, cordon)),
      done: (outcome) => {
        if (this.core !== core || !('value' in outcome) || !('value' in outcome.value)) return;
        this.input({ kind: 'cordoned', nodeId: agent.nodeId, cordon, number: outcome.value.value });
      },
    });
  }

  // ---- leadership ----

  private lead(input: LeadershipInput): void {
    for (const effect of this.leadership.handle(input, this.now)) this.obey(effect);
  }

  private obey(effect: LeadershipEffect): void {
    const { lock, queue } = this.world;
    const askedMs = this.now;
    /** Judged by the cluster's time. */
    const askedAt = queue.now;
    switch (effect.kind) {
      case 'acquire':
        if (this.secret !== undefined) return void this.after(1, () => this.lead({ kind: 'unknown' }));
        return lock.ask(
          this,
          (server) => server.acquire(this.name, effect.above),
          (answer) => {
            if (!answer) return this.lead({ kind: 'unknown' });
            if (answer.taken) {
              this.secret = answer.taken.secret;
              this.leaseUntil = askedAt + this.world.limits.leaderLeaseMs;
              return this.lead({ kind: 'acquired', askedMs, epoch: answer.taken.epoch });
            }
            this.leaderName = answer.holder.name;
            this.lead({ kind: 'not-acquired' });
            this.lead({ kind: 'heard', epoch: answer.holder.epoch });
          },
        );
      case 'renew': {
        const { secret } = this;
        if (secret === undefined) return this.lead({ kind: 'lost' });
        return lock.ask(
          this,
          (server) => server.renew(secret),
          (isHeld) => {
            if (isHeld) this.leaseUntil = askedAt + this.world.limits.leaderLeaseMs;
            if (isHeld === undefined) this.lead({ kind: 'unknown' });
            else this.lead(isHeld ? { kind: 'renewed', askedMs } : { kind: 'lost' });
          },
        );
      }
      case 'lift': {
        const { secret, core } = this;
        if (secret === undefined) return this.lead({ kind: 'not-lifted', isLost: true });
        return lock.ask(
          this,
          (server) => server.lift(secret, effect.above),
          (answer) => {
            if (this.secret !== secret || (core !== undefined && this.core !== core)) return;
            if (answer === undefined) this.lead({ kind: 'not-lifted', isLost: false });
            else if (answer === 'not held') this.lead({ kind: 'not-lifted', isLost: true });
            else this.lead({ kind: 'lifted', epoch: answer });
          },
        );
      }
      case 'release':
        return this.letGo();
      case 'lead':
        if (this.isHeard) this.say(`leads with epoch ${effect.epoch}`);
        return this.beginReign(effect.epoch);
      case 'raise': {
        if (this.isHeard) this.say(`raises its epoch to ${effect.epoch}`);
        const known = [...this.heartbeats.values()];
        this.endReign('the epoch was raised');
        this.beginReign(effect.epoch);
        for (const request of known) this.input({ kind: 'heartbeat', request });
        return;
      }
      case 'end':
        if (this.isHeard) this.say(`leads no more (${effect.why})`);
        this.endReign(effect.why);
        this.letGo();
    }
  }

  private letGo(): void {
    const { secret } = this;
    this.secret = undefined;
    if (secret === undefined) return;
    const done = (): void => undefined;
    this.world.lock.ask(this, (server) => server.release(secret), done);
  }

  private beginReign(epoch: bigint): void {
    const { limits, chance, stemCells, policies } = this.world;
    const core = new SchedulerCore(
      epoch,
      { limits, stemCells, policies, random: chance.random, hearsContainers: () => this.isHeard },
      this.now,
    );
    this.core = core;
    this.every(
      limits.schedulerTickMs,
      () => this.input({ kind: 'tick' }),
      () => this.core === core,
    );
  }

  private endReign(why: string): void {
    this.core = undefined;
    const streams = [...this.streams.values()];
    this.streams.clear();
    for (const end of streams) end.close(why);
    this.heartbeats.clear();
  }

  // ---- inputs ----

  private input(input: Input): void {
    const { core } = this;
    if (!core || !this.holds) return;
    for (const effect of core.handle(input, this.now)) this.carryOut(core, effect);
  }

  /** The answer to an agent. */
  heartbeat(request: heartbeat.HeartbeatRequest): { epoch: bigint } | { leader: string | undefined } {
    if (!this.core || !this.holds) {
      this.lead({ kind: 'heard', epoch: request.epoch });
      return { leader: this.leaderName };
    }
    const { epoch } = this.core;
    this.heartbeats.set(request.nodeId, request);
    this.input({ kind: 'heartbeat', request });
    return { epoch };
  }

  private carryOut(core: SchedulerCore, effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.pump(effect.stream);
      case 'close': {
        this.pump(effect.stream);
        const end = this.streams.get(effect.stream);
        this.streams.delete(effect.stream);
        end?.close(effect.text);
        if (end) this.input({ kind: 'stream-closed', stream: effect.stream });
        return;
      }
      case 'higher-epoch':
        return this.lead({ kind: 'heard', epoch: effect.epoch });
      case 'event':
        if (effect.subject === 'container' && effect.what.startsWith('adopted'))
          this.world.promises.adopted.add(effect.id);
        if (this.isHeard) this.say(`${effect.subject} ${effect.id}: ${effect.what}`);
        return;
      default:
        return this.command(core, effect);
    }
  }

  // ---- streams of controllers ----

  accept(end: End): EndHandlers | undefined {
    if (!this.core || !this.holds) {
      end.close('does not lead', this.leaderName);
      return undefined;
    }
    this.lastStream += 1;
    const stream = this.lastStream;
    this.streams.set(stream, end);
    return {
      message: (message) => {
        if (this.streams.has(stream))
          this.input({ kind: 'message', stream, message: message as shareStates.ControllerMessage });
      },
      closed: () => {
        if (this.streams.delete(stream)) this.input({ kind: 'stream-closed', stream });
      },
      drained: () => this.pump(stream),
    };
  }

  private pump(stream: StreamId): void {
    const end = this.streams.get(stream);
    while (end?.isWritable && this.holds) {
      const message = this.core?.nextMessage(stream);
      if (!message) return;
      if (this.isHeard) this.say(`-> ${end.connection.near.process.name} ${told(message.number, message.body)}`);
      this.world.promises.acts(this.name, this.leaseUntil);
      end.send(message);
    }
  }

  // ---- commands to agents ----

  private command(core: SchedulerCore, effect: AgentCommand): void {
    const { epoch } = core;
    const { limits } = this.world;
    switch (effect.kind) {
      case 'create': {
        const containerId = effect.request.id;
        return this.ask(core, effect, limits.createTimeoutMs, {
          serve: (agent, answer) => agent.create(epoch, effect.request, answer),
          ok: ({ addresses }) => ({ kind: 'created', containerId, addresses }),
          failed: (failure) => ({ kind: 'create-failed', containerId, failure }),
        });
      }
      case 'bind': {
        const { containerId, note } = effect;
        const { grantId } = note;
        return this.ask(core, effect, limits.bindTimeoutMs, {
          serve: (agent, answer) => answer(agent.bind(epoch, containerId, { note })),
          ok: () => ({ kind: 'bound', containerId, grantId }),
          failed: (failure) => ({ kind: 'bind-failed', containerId, grantId, failure }),
        });
      }
      case 'remove': {
        const { containerId, grantId, reason } = effect;
        const command = { reason, ...(grantId === undefined ? {} : { grantId }) };
        return this.ask(core, effect, limits.removeTimeoutMs, {
          serve: (agent, answer) => agent.remove(epoch, containerId, command, answer),
          ok: () => ({ kind: 'removed', containerId }),
          failed: (failure) => ({ kind: 'remove-failed', containerId, failure }),
        });
      }
      case 'inventory': {
        const { askedAt, agent } = effect;
        const { nodeId } = agent;
        return this.ask<Inventory>(core, effect, limits.removeTimeoutMs, {
          serve: (to, answer) => answer(to.inventory(epoch)),
          ok: (inventory) => ({ kind: 'inventory', nodeId, askedAt, inventory }),
          failed: (failure) => ({ kind: 'inventory-failed', nodeId, askedAt, failure }),
        });
      }
    }
  }

  private ask<T>(
    core: SchedulerCore,
    effect: AgentCommand,
    timeoutMs: number,
    { serve, ok, failed }: Command<T>,
  ): void {
    const agent = this.world.agent(effect.agent.nodeId);
    if (this.isHeard)
      this.say(
        `=> ${agent.name} ${nameOf(effect)} (epoch ${core.epoch}${'reason' in effect ? `, ${effect.reason}` : ''})`,
      );
    this.world.promises.acts(this.name, this.leaseUntil);
    this.world.network.call<Reply<T>>({
      from: this,
      to: agent,
      timeoutMs,
      serve: (answer) => {
        if (agent.isHeard) agent.say(`gets ${nameOf(effect)} of epoch ${core.epoch}`);
        serve(agent, answer);
      },
      done: (outcome) => {
        const answer = toInput(outcome, ok, failed);
        if (this.isHeard)
          this.say(`<= ${agent.name} ${nameOf(effect)}: ${'failure' in answer ? answer.failure.code : 'done'}`);
        if (this.core === core) this.input(answer);
      },
    });
  }
}

type AgentCommand = Extract<Effect, { kind: 'create' | 'bind' | 'remove' | 'inventory' }>;

function nameOf(effect: AgentCommand): string {
  return `${effect.kind} ${'containerId' in effect ? effect.containerId : 'request' in effect ? effect.request.id : ''}`;
}

type AgentProcess = ReturnType<World['agent']>;

interface Command<T> {
  serve(agent: AgentProcess, answer: (reply: Reply<T>) => void): void;
  ok(value: T): Input;
  failed(failure: AgentFailure): Input;
}

function toInput<T>(
  outcome: CallOutcome<Reply<T>>,
  ok: (value: T) => Input,
  failed: (failure: AgentFailure) => Input,
): Input {
  if ('failure' in outcome) return failed({ code: 'unreachable', text: outcome.failure });
  const reply = outcome.value;
  if ('value' in reply) return ok(reply.value);
  const { code, message, epoch } = reply.refusal;
  return failed({ code, text: message, ...(epoch === undefined ? {} : { epoch }) });
}
