// Whether the agent lives, with the facts of its node, for anyone; and its metrics, for who has the token.
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AgentMetrics } from '../agent-metrics';
import { Node } from '../node';

@Controller()
export class HealthRoutes {
  constructor(
    @Inject(Node) private readonly node: Node,
    @Inject(AgentMetrics) private readonly agentMetrics: AgentMetrics,
  ) {}

  @Get('health')
  health(): object {
    return this.node.health();
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    return this.agentMetrics.registry.metrics();
  }
}
