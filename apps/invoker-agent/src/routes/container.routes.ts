// What the leading scheduler commands: create, bind, remove, inventory, cordon. Each carries its epoch.
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  bindSchema,
  cordonOf,
  type CordonReply,
  cordonSchema,
  createContainerSchema,
  type CreatedContainer,
  epochHeader,
  type Inventory,
  removeSchema,
} from '#protocol';
import { Containers } from '../containers';
import { Node } from '../node';
import { containerId, optionalEpoch, parse, requiredEpoch } from './parse';

@Controller()
export class ContainerRoutes {
  constructor(
    @Inject(Containers) private readonly containers: Containers,
    @Inject(Node) private readonly node: Node,
  ) {}

  @Post('containers')
  async create(@Headers(epochHeader) epoch: string | undefined, @Body() body: unknown): Promise<CreatedContainer> {
    const spec = parse(createContainerSchema, 'body', body);
    const { id, addresses } = await this.containers.create(requiredEpoch(epoch), spec);
    return { id, addresses: this.node.offered(addresses) };
  }

  @Put('containers/:container/bind')
  async bind(
    @Headers(epochHeader) epoch: string | undefined,
    @Param('container') container: string,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const bind = parse(bindSchema, 'body', body);
    const id = containerId(container);
    const addresses = await this.containers.bind(requiredEpoch(epoch), id, bind);
    if (!bind.wipe) return void (await reply.status(204).send());
    const wiped: CreatedContainer = { id, addresses: this.node.offered(addresses) };
    await reply.status(200).send(wiped);
  }

  @Delete('containers/:container')
  @HttpCode(204)
  async remove(
    @Headers(epochHeader) epoch: string | undefined,
    @Param('container') container: string,
    @Body() body: unknown,
  ): Promise<void> {
    const command = parse(removeSchema, 'body', body);
    await this.containers.remove(requiredEpoch(epoch), containerId(container), command);
  }

  @Get('containers')
  inventory(@Headers(epochHeader) epoch: string | undefined): Inventory {
    const inventory = this.containers.inventory(optionalEpoch(epoch));
    const offered = inventory.containers.map((row) => ({ ...row, addresses: this.node.offered(row.addresses) }));
    return { ...inventory, containers: offered };
  }

  @Put('cordon')
  cordon(@Headers(epochHeader) epoch: string | undefined, @Body() body: unknown): CordonReply {
    const cordon = cordonOf(parse(cordonSchema, 'body', body));
    return { number: this.containers.cordon(requiredEpoch(epoch), cordon) };
  }
}
