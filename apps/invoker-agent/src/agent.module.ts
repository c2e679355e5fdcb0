// Wiring: what the routes are given.
import { type DynamicModule, Module } from '@nestjs/common';
import { AgentMetrics } from './agent-metrics';
import { Containers } from './containers';
import { Node } from './node';
import { ContainerRoutes } from './routes/container.routes';
import { HealthRoutes } from './routes/health.routes';
import { UseRoutes } from './routes/use.routes';

export interface AgentParts {
  readonly containers: Containers;
  readonly node: Node;
  readonly metrics: AgentMetrics;
}

@Module({})
export class AgentModule {
  static of({ containers, node, metrics }: AgentParts): DynamicModule {
    return {
      module: AgentModule,
      controllers: [ContainerRoutes, UseRoutes, HealthRoutes],
      providers: [
        { provide: Containers, useValue: containers },
        { provide: Node, useValue: node },
        { provide: AgentMetrics, useValue: metrics },
      ],
    };
  }
}
