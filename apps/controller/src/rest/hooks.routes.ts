// POST /hearth/v1/hooks/{namespace}/{trigger}/{token}: fires the trigger in its owner's name, for whoever knows the token. Hearth's own.
//
// Guarantee: until the token is known to be right, every answer is the same 404, or the 429 of who guesses too often, and nothing counts against
// the owner.
import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { chosenHeaders, type Identity, payloadBytesOf, rejections } from '#entity';
import type { Limits } from '#limits';
import { Webhooks } from '../entities/webhooks';
import { TriggerFires } from '../invoke/trigger-fires';
import { sendReply } from './configure';
import { hookPayload } from './hook-payload';
import { activationHeader, corsHeaders, jsonReply } from './replies';
import { InjectLimits, InjectOwners } from './tokens';

/** For what runs in a namespace's own name. */
export interface Owners {
  of(namespace: string): Promise<Identity | undefined>;
}

@Controller('hearth/v1/hooks')
export class HookRoutes {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly fires: TriggerFires,
    @InjectOwners() private readonly owners: Owners,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Post(':namespace/:trigger/:token')
  async fire(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { apiPath, headers, transactionId } = request;
    const [namespace = '', name = '', token = ''] = apiPath.segments.slice(3);
    const hooked = await this.webhooks.opened(namespace, name, token, request.ip);
    const identity = hooked && (await this.owners.of(namespace));
    if (identity === undefined) throw rejections.notFound();
    await this.fires.admit(identity);
    const { trigger, webhook } = hooked!;
    const bytesMax = payloadBytesOf(identity.limits, this.limits);
    const payload = hookPayload(headers, request.body as Buffer | undefined, bytesMax);
    const passedOn = chosenHeaders(headers, webhook.headers);
    const activationId = await this.fires.fire({ identity, trigger, payload, headers: passedOn, transactionId });
    if (activationId === undefined) return reply.code(204).headers(corsHeaders).send();
    const body = Buffer.from(JSON.stringify({ activationId }));
    return sendReply(reply.header(activationHeader, activationId), jsonReply(202, body, transactionId));
  }
}
