// Wires the scheduler together and gives it its life: listen, lead or stand by, say when it is ready; stop in the opposite order.
//
// It listens first, since what a leader tells about itself beside its lock are the addresses where it listens.
// Containers are left alone when it stops: a leader's end takes nothing away from anybody.
import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '#clock';
import {
  connectRedis,
  Elector,
  type LeaderLock,
  LocalLeaderLock,
  RedisLeaderLock,
  type SchedulerAddresses,
} from '#lease';
import { admin, heartbeat, shareStates } from '#protocol';
import { type Logger, silentLogger } from '#telemetry';
import { AdminGrpc } from './admin.grpc';
import type { SchedulerConfig } from './config';
import { GrpcListener } from './grpc-listener';
import { HeartbeatGrpc } from './heartbeat.grpc';
import { OperatorCommands } from './operator-commands';
import { addReflection } from './reflection';
import { Scheduling } from './scheduling';
import { ServingStatuses } from './serving-status';
import { ShareStatesGrpc } from './share-states.grpc';
import { StemCellMemory } from './stem-cell-memory';
import { RedisStemCells, StemCellFile, type StemCellStore } from './stem-cell-store';

const configToken = Symbol('SchedulerConfig');
const loggerToken = Symbol('Logger');
const ownToken = Symbol('OwnAddresses');

/** Where this scheduler is reached; known once it listens. */
type OwnAddresses = { -readonly [Name in keyof SchedulerAddresses]: SchedulerAddresses[Name] };

@Injectable()
export class SchedulerLife implements OnApplicationShutdown {
  private readonly listener: GrpcListener;
  private readonly adminListener: GrpcListener;

  constructor(
    @Inject(configToken) private readonly config: SchedulerConfig,
    @Inject(loggerToken) private readonly logger: Logger,
    @Inject(ownToken) private readonly own: OwnAddresses,
    @Inject(Scheduling) private readonly scheduling: Scheduling,
    @Inject(Elector) private readonly elector: Elector,
    @Inject(ShareStatesGrpc) streams: ShareStatesGrpc,
    @Inject(HeartbeatGrpc) heartbeats: HeartbeatGrpc,
    @Inject(AdminGrpc) admins: AdminGrpc,
    @Inject(StemCellMemory) private readonly memory: StemCellMemory,
  ) {
    scheduling.connect(streams, elector);
    this.listener = new GrpcListener(config.listen, config.limits);
    this.listener.server.addService(shareStates.ShareStatesService, streams.implementation);
    this.listener.server.addService(heartbeat.NodesService, heartbeats.implementation);
    this.adminListener = new GrpcListener(config.adminListen, config.limits);
    const { server } = this.adminListener;
    server.addService(admin.AdminService, admins.implementation);
    const serving = new ServingStatuses();
    serving.addTo(server);
    scheduling.whenRole((role) => serving.tell(role));
    addReflection(server);
  }

  /** Resolves when it listens and leads (or is a candidate). */
  async start(onReady: () => void): Promise<void> {
    this.scheduling.whenReady(() => {
      this.lookForNamesake();
      onReady();
    });
    await this.listener.listen();
    await this.adminListener.listen();
    const { listen, admin } = this.addresses;
    Object.assign(this.own, {
      listen: this.config.redis?.advertise ?? listen,
      admin: this.config.redis?.adminAdvertise ?? admin,
    });
    await this.elector.start();
  }

  /** Harmless: whoever holds the lock leads, whatever its id. So that the two can be told apart, the one that came later takes another name. */
  private lookForNamesake(): void {
    const { leader } = this.elector;
    const { schedulerId, listen } = this.own;
    if (leader?.schedulerId !== schedulerId || leader.listen === listen) return;
    this.own.schedulerId = `${schedulerId}@${listen}`;
    this.logger.warn(
      `scheduler ${schedulerId}: another one of this id leads at ${leader.listen}; this one calls itself ${this.own.schedulerId} ` +
        'until it is started again. Give each a SCHEDULER_ID of its own.',
    );
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
    this.memory.close();
    await Promise.all([this.listener.close(), this.adminListener.close()]);
  }
}

function stemCellStore({ redis, leaderFolder, limits }: SchedulerConfig, logger: Logger): StemCellStore {
  if (!redis) return new StemCellFile(leaderFolder, logger);
  const settings = { url: redis.url, answerMs: limits.leaderRenewMs, reconnectMs: limits.leaderTryMs };
  // The connection of the lock says why there is none.
  return new RedisStemCells(connectRedis(settings, silentLogger), logger);
}

function leaderLock({ redis, leaderFolder, limits }: SchedulerConfig, own: OwnAddresses, logger: Logger): LeaderLock {
  if (!redis) return new LocalLeaderLock(leaderFolder);
  // An answer that takes longer than until the next renewal is not waited for.
  const settings = { url: redis.url, answerMs: limits.leaderRenewMs, reconnectMs: limits.leaderTryMs };
  return new RedisLeaderLock(connectRedis(settings, logger), limits.leaderLeaseMs, () => own);
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
        {
          provide: ownToken,
          useFactory: (): OwnAddresses => ({ schedulerId: config.schedulerId, listen: '', admin: '' }),
        },
        {
          provide: StemCellMemory,
          useFactory: () => new StemCellMemory(stemCellStore(config, logger), limits.inventoryRetryMs, logger),
        },
        {
          provide: Scheduling,
          inject: [StemCellMemory],
          useFactory: (memory: StemCellMemory) => new Scheduling(config, systemClock, Math.random, memory, logger),
        },
        {
          provide: OperatorCommands,
          inject: [Scheduling, StemCellMemory],
          useFactory: (scheduling: Scheduling, memory: StemCellMemory) =>
            new OperatorCommands(scheduling, memory, limits, config.redis !== undefined),
        },
        {
          provide: Elector,
          inject: [Scheduling, ownToken],
          useFactory: (scheduling: Scheduling, own: OwnAddresses) =>
            new Elector(
              leaderLock(config, own, logger),
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
          useFactory: (scheduling: Scheduling) => new HeartbeatGrpc(config.clusterSecret, scheduling, config.limits),
        },
        {
          provide: AdminGrpc,
          inject: [Scheduling, OperatorCommands, ownToken],
          useFactory: (scheduling: Scheduling, commands: OperatorCommands, own: OwnAddresses) =>
            new AdminGrpc(config.adminToken, () => own.schedulerId, scheduling, commands),
        },
        SchedulerLife,
      ],
    };
  }
}
