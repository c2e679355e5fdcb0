// Carries out what the core decided at the agents, over HTTP, and answers each command with exactly one input.
//
// It decides nothing and repeats nothing: how many creations run at once, what is tried again and when is the core's business.
// One allocator lives for one epoch; closing it ends what is under way.
import type { Limits } from '#limits';
import { type Cordon, cordonFlags, type CordonReply, cordonReplySchema } from '#protocol';
import { type AgentAnswer, AgentClient, createdSchema, inventorySchema } from './agent-client';
import type { Effect, Input } from './core/effects';

export type AgentEffect = Extract<Effect, { kind: 'create' | 'bind' | 'remove' | 'inventory' }>;

export class Allocator {
  private readonly client: AgentClient;

  constructor(
    token: string,
    epoch: bigint,
    private readonly limits: Limits,
  ) {
    this.client = new AgentClient(token, epoch, limits.agentConnectionsCount);
  }

  run(effect: AgentEffect): Promise<Input> {
    switch (effect.kind) {
      case 'create':
        return this.create(effect);
      case 'bind':
        return this.bind(effect);
      case 'remove':
        return this.remove(effect);
      case 'inventory':
        return this.inventory(effect);
    }
  }

  /** No input follows from it; answers the order's number once the agent has stored it. */
  cordon(url: string, cordon: Cordon): Promise<AgentAnswer<CordonReply>> {
    const { removeTimeoutMs } = this.limits;
    const command = { method: 'PUT', path: '/cordon', body: cordonFlags(cordon), timeoutMs: removeTimeoutMs } as const;
    return this.client.send(url, { ...command, answer: cordonReplySchema });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async create({ agent, request }: Extract<AgentEffect, { kind: 'create' }>): Promise<Input> {
    const answer = await this.client.send(agent.url, {
      method: 'POST',
      path: '/containers',
      body: request,
      timeoutMs: this.limits.createTimeoutMs,
      answer: createdSchema,
    });
    const containerId = request.id;
    if ('failure' in answer) return { kind: 'create-failed', containerId, failure: answer.failure };
    return { kind: 'created', containerId, addresses: answer.value.addresses };
  }

  private async bind({ agent, containerId, note, wipe }: Extract<AgentEffect, { kind: 'bind' }>): Promise<Input> {
    const answer = await this.client.send(agent.url, {
      method: 'PUT',
      path: `/containers/${containerId}/bind`,
      body: { note, wipe },
      // Its program ends and starts anew.
      timeoutMs: wipe ? this.limits.createTimeoutMs : this.limits.bindTimeoutMs,
      answer: wipe ? createdSchema : undefined,
    });
    const { grantId } = note;
    if ('failure' in answer) return { kind: 'bind-failed', containerId, grantId, failure: answer.failure };
    return { kind: 'bound', containerId, grantId, ...(answer.value && { addresses: answer.value.addresses }) };
  }

  private async remove(effect: Extract<AgentEffect, { kind: 'remove' }>): Promise<Input> {
    const { agent, containerId, grantId, reason } = effect;
    const answer = await this.client.send(agent.url, {
      method: 'DELETE',
      path: `/containers/${containerId}`,
      body: { reason, ...(grantId === undefined ? {} : { grantId }) },
      timeoutMs: this.limits.removeTimeoutMs,
      answer: undefined,
    });
    if ('failure' in answer) return { kind: 'remove-failed', containerId, failure: answer.failure };
    return { kind: 'removed', containerId };
  }

  private async inventory({ agent, askedAt }: Extract<AgentEffect, { kind: 'inventory' }>): Promise<Input> {
    const { nodeId } = agent;
    const answer = await this.client.send(agent.url, {
      method: 'GET',
      path: '/containers',
      timeoutMs: this.limits.removeTimeoutMs,
      answer: inventorySchema,
    });
    if ('failure' in answer) return { kind: 'inventory-failed', nodeId, askedAt, failure: answer.failure };
    return { kind: 'inventory', nodeId, askedAt, inventory: answer.value };
  }
}
