// What controllers ask about their own containers: use leases, suspend, resume, logs. Fenced by incarnation, grant id and sequence number.
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type EndingReply, type LeaseReply, leaseSchema, logSchema, suspendSchema } from '#protocol';
import { AgentMetrics } from '../agent-metrics';
import { Containers } from '../containers';
import type { SuspendVerb } from '../ledger/container-record';
import { containerId, incarnation, parse } from './parse';

@Controller()
export class UseRoutes {
  constructor(
    @Inject(Containers) private readonly containers: Containers,
    @Inject(AgentMetrics) private readonly metrics: AgentMetrics,
  ) {}

  @Put('leases/:controller/:incarnation')
  renew(
    @Param('controller') controller: string,
    @Param('incarnation') life: string,
    @Body() body: unknown,
  ): LeaseReply {
    const { leaseMs } = parse(leaseSchema, 'body', body);
    return this.containers.renewLease(controller, incarnation(life), leaseMs);
  }

  @Delete('leases/:controller/:incarnation')
  end(@Param('controller') controller: string, @Param('incarnation') life: string): LeaseReply {
    return this.containers.endLease(controller, incarnation(life));
  }

  @Get('suspend/:container')
  @HttpCode(204)
  async suspendByGet(@Param('container') container: string, @Query() query: unknown): Promise<void> {
    await this.suspendOrResume('suspend', container, 'query', query);
  }

  @Post('suspend/:container')
  @HttpCode(204)
  async suspend(@Param('container') container: string, @Body() body: unknown): Promise<void> {
    await this.suspendOrResume('suspend', container, 'body', body);
  }

  @Get('resume/:container')
  @HttpCode(204)
  async resumeByGet(@Param('container') container: string, @Query() query: unknown): Promise<void> {
    await this.suspendOrResume('resume', container, 'query', query);
  }

  @Post('resume/:container')
  @HttpCode(204)
  async resume(@Param('container') container: string, @Body() body: unknown): Promise<void> {
    await this.suspendOrResume('resume', container, 'body', body);
  }

  @Get(['log/:container', 'logs/:container'])
  async logByGet(
    @Param('container') container: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.collect(container, 'query', query, reply);
  }

  @Post(['log/:container', 'logs/:container'])
  async log(@Param('container') container: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.collect(container, 'body', body, reply);
  }

  @Get('ending/:container')
  ending(@Param('container') container: string): Promise<EndingReply> {
    return this.containers.ending(containerId(container));
  }

  private async suspendOrResume(verb: SuspendVerb, container: string, what: string, content: unknown): Promise<void> {
    const request = parse(suspendSchema, what, content);
    await this.containers.suspendOrResume(containerId(container), verb, request);
    this.metrics.suspensions.inc({ verb });
  }

  private async collect(container: string, what: string, content: unknown, reply: FastifyReply): Promise<void> {
    const request = parse(logSchema, what, content);
    const log = await this.containers.log(containerId(container), request);
    await (log ? reply.status(200).send(log) : reply.status(204).send());
  }
}
