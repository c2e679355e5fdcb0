// POST /api/v1/namespaces/{namespace}/triggers/{trigger}: fires it. 202 with an activation id, or 204 if no rule is active.
import { Controller, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { firedHeaders, payloadBytesOf, rejections } from '#entity';
import type { Limits } from '#limits';
import { Triggers } from '../entities/triggers';
import { TriggerFires } from '../invoke/trigger-fires';
import { acceptsJson } from './accept';
import { type Call, FromCall } from './caller';
import { activationHeader, corsHeaders, jsonReply, jsonType } from './replies';
import { sendReply } from './configure';
import { InjectLimits } from './tokens';
import { ownTarget } from './triggers.routes';

@Controller('api/v1/namespaces/:namespace/triggers')
export class TriggerFireRoutes {
  constructor(
    private readonly triggers: Triggers,
    private readonly fires: TriggerFires,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Post(':name')
  async fire(@FromCall() call: Call, @Res() reply: FastifyReply) {
    const name = ownTarget(call);
    const { identity, transactionId } = call;
    await this.fires.admit(identity);
    const payload = call.payload(payloadBytesOf(identity.limits, this.limits));
    if (!acceptsJson(call.headers)) throw rejections.notAcceptable(jsonType);
    const trigger = await this.triggers.stored(name);
    const headers = firedHeaders(call.headers);
    const activationId = await this.fires.fire({ identity, trigger, payload, headers, transactionId });
    if (activationId === undefined) return reply.code(204).headers(corsHeaders).send();
    const body = Buffer.from(JSON.stringify({ activationId }));
    return sendReply(reply.header(activationHeader, activationId), jsonReply(202, body, transactionId));
  }
}
