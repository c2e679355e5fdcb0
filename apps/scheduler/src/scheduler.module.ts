// Wires the scheduler together and gives it its life: lead, listen, say when it is ready; stop in the opposite order.
//
// Containers are left alone when it stops: a leader's end takes nothing away from anybody.
import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '#clock';
import { Elector, LocalLeaderLock } from '#lease';
import { admin, heartbeat, shareStates } from '#protocol';
import type { Logger } from '#telemetry';
import { AdminGrpc } from './admin.grpc';
import type { SchedulerConfig } from './config';
import { GrpcListener } from './grpc-listener';
import { HeartbeatGrpc } from './heartbeat.grpc';
import { Scheduling } from './scheduling';
import { ShareStatesGrpc } from './share-states.grpc';

const configToken = Symbol('SchedulerConfig');
const loggerToken = Symbol('Logger');

@Injectable()
export class SchedulerLife implements OnApplicationShutdown {
  private readonly listener: GrpcListener;
  private readonly adminListener: GrpcListener;

  constructor(
    @Inject(configToken) private readonly config: SchedulerConfig,
    @Inject(Scheduling) private readonly scheduling: Scheduling,
    @Inject(Elector) private readonly elector: Elector,
    @Inject(ShareStatesGrpc) streams: ShareStatesGrpc,
    @Inject(HeartbeatGrpc) heartbeats: HeartbeatGrpc,
    @Inject(AdminGrpc) admins: AdminGrpc,
  ) {
    scheduling.connect(streams, elector);
    this.listener = new GrpcListener(config.listen, config.limits);
    this.listener.server.addService(shareStates.ShareStatesService, streams.implementation);
    this.listener.server.addService(heartbeat.NodesService, heartbeats.implementation);
    this.adminListener = new GrpcListener(config.adminListen, config.limits);
    this.adminListener.server.addService(admin.AdminService, admins.implementation);
  }

  /** Resolves when it leads (or is a candidate) and listens. */
  async start(onReady: () => void): Promise<void> {
    this.scheduling.whenReady(onReady);
    await this.elector.start();
    await this.listener.listen();
    await this.adminListener.listen();
  }

  /** Where it listens, with the ports that were chosen for port 0. */
  get addresses(): { listen: string; admin: string } {
    return {
      listen: `${this.config.listen.host}:${this.listener.port}`,
      admin: `${this.config.adminListen.host}:${this.adminListener.port}`,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.elector.stop();
    this.listener.close();
    this.adminListener.close();
  }
}

@Module({})
export class SchedulerModule {
  static with(config: SchedulerConfig, logger: Logger): DynamicModule {
    const { limits } = config;
    return {
      module: SchedulerModule,
      providers: [
        { provide: configToken, useValue: config },
        { provide: loggerToken, useValue: logger },
        { provide: Scheduling, useFactory: () => new Scheduling(config, systemClock, Math.random, logger) },
        {
          provide: Elector,
          inject: [Scheduling],
          useFactory: (scheduling: Scheduling) =>
            new Elector(
              new LocalLeaderLock(config.leaderFolder),
              scheduling,
              systemClock,
              { renewMs: limits.leaderRenewMs, tryMs: limits.leaderTryMs, refuseAfterMs: limits.leaderLeaseMs },
              logger,
            ),
        },
        {
          provide: ShareStatesGrpc,
          inject: [Scheduling],
          useFactory: (scheduling: Scheduling) => new ShareStatesGrpc(config.clusterSecret, scheduling, logger),
        },
        {
          provide: HeartbeatGrpc,
          inject: [Scheduling],
          useFactory: (scheduling: Scheduling) => new HeartbeatGrpc(config.clusterSecret, scheduling),
        },
        {
          provide: AdminGrpc,
          inject: [Scheduling],
          useFactory: (scheduling: Scheduling) => new AdminGrpc(config.adminToken, config.schedulerId, scheduling),
        },
        SchedulerLife,
      ],
    };
  }
}
