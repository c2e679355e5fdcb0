// Puts a controller together: stores, data path, scheduler session, REST. Everything is built here with `new` and handed on.
//
// Guarantees of the order: the journals of dead incarnations are replayed before requests are taken; at the end new invocations are refused
// first, running ones finish, containers are handed back, records are stored, then the stores close.
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '#clock';
import { type App, sayReady } from '#lifecycle';
import { openSqliteStores, type Stores } from '#store';
import type { Logger } from '#telemetry';
import type { ControllerSettings } from './config';
import { ControllerModule } from './controller.module';
import { ActionRepository } from './entities/action-repository';
import { Authenticator } from './entities/authenticator';
import { seedDevelopmentSubjects } from './entities/development-subjects';
import { AgentClient } from './invoke/agent-client';
import { DataPath } from './invoke/data-path';
import { Journal } from './invoke/journal';
import { JournalReplay, type Replayed } from './invoke/journal-replay';
import { LeaseKeeper } from './invoke/lease-keeper';
import { QueuedInvocations } from './invoke/queued-invocations';
import { Recorder } from './invoke/recorder';
import { SchedulerSession } from './invoke/scheduler-session';
import { Seal } from './invoke/sealed';
import { ShareStatesStream } from './invoke/share-states.grpc';
import { InvokeRoutes } from './rest/invoke.routes';
import { OperationsRoutes } from './rest/operations.routes';
import { createRestApp } from './rest/rest-app';

/** How long a graceful stop waits for running invocations, and then for the store. */
const drainMs = 8_000;
const storeMs = 4_000;
const sweepIntervalMs = 10_000;

export async function startController(settings: ControllerSettings, logger: Logger): Promise<App> {
  const stores = await openSqliteStores({ path: join(settings.HEARTH_DATA_DIR, 'hearth.db') });
  const controller = new Controller(
    settings,
    stores,
    await stores.incarnations.next(`controller/${settings.CONTROLLER_ID}`),
    logger,
  );
  await controller.start();
  return controller;
}

class Controller implements App {
  private readonly clock = systemClock;
  private readonly authenticator: Authenticator;
  private readonly actions: ActionRepository;
  private readonly recorder: Recorder;
  private readonly agents: AgentClient;
  private readonly path: DataPath;
  private readonly queued: QueuedInvocations;
  private readonly routes: InvokeRoutes;
  private readonly operations: OperationsRoutes;
  private readonly session: SchedulerSession;
  private readonly leases: LeaseKeeper;
  private readonly stream: ShareStatesStream;
  private readonly journalDirectory: string;
  private app: NestFastifyApplication | undefined;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly settings: ControllerSettings,
    private readonly stores: Stores,
    private readonly incarnation: bigint,
    private readonly logger: Logger,
  ) {
    const { limits, CONTROLLER_ID: controllerId } = settings;
    const { clock } = this;
    this.journalDirectory = join(settings.HEARTH_DATA_DIR, 'journal');
    this.authenticator = new Authenticator(stores.subjects, limits, clock);
    this.actions = new ActionRepository(stores.artifacts, limits);
    const journal = new Journal(this.journalDirectory, controllerId, incarnation, limits, logger);
    this.recorder = new Recorder(journal, stores.activations, limits, clock, logger);
    this.agents = new AgentClient(settings.AGENT_TOKEN, controllerId, incarnation, limits.resumeTimeoutMs);
    const codeOf = this.actions.code.bind(this.actions);
    this.path = new DataPath(limits, clock, logger, this.recorder, this.agents, stores.queue, codeOf);
    const resolve = this.actions.resolve.bind(this.actions);
    const seal = new Seal(settings.CLUSTER_SECRET);
    this.queued = new QueuedInvocations(
      controllerId,
      incarnation,
      this.path,
      stores.queue,
      stores.activations,
      resolve,
      seal,
      limits,
      clock,
      logger,
    );
    this.routes = new InvokeRoutes(
      this.authenticator,
      this.actions,
      this.path,
      this.recorder,
      this.queued,
      limits,
      clock,
      logger,
    );
    const identity = { controllerId, incarnation, address: '' };
    this.session = new SchedulerSession(identity, this.path, clock, (reason) => this.superseded(reason));
    const events = { lapsed: () => this.stream.renew(), superseded: (reason: string) => this.superseded(reason) };
    this.leases = new LeaseKeeper(this.path, this.agents, clock, events, logger);
    this.stream = new ShareStatesStream(
      settings.SCHEDULERS,
      settings.CLUSTER_SECRET,
      this.session,
      limits,
      clock,
      logger,
      (now) => this.leases.tick(now),
    );
    this.operations = new OperationsRoutes({
      isConnected: () => this.stream.isConnected,
      isDegraded: () => this.recorder.isDegraded,
      storeQueries: () => stores.queries(),
      grpcMessages: () => this.stream.messages(),
      containers: () => this.path.balancer.warm.size,
      waiting: () => this.path.balancer.overflow.length,
      inFlight: () => this.routes.inFlightCount,
      unstoredRecords: () => this.recorder.waitingCount,
    });
  }

  async start(): Promise<void> {
    const { settings, stores, logger } = this;
    if (settings.DEVELOPMENT_SUBJECTS) await seedDevelopmentSubjects(stores.subjects);
    await this.replay();
    await this.listen();
    // The shortest thing that time decides is the suspend grace.
    const tickMs = Math.max(1, Math.min(20, Math.floor(settings.limits.suspendGraceMs / 2)));
    this.every(tickMs, () => this.tick());
    this.every(sweepIntervalMs, () => {
      this.queued.sweep().catch((error: unknown) => logger.warn({ err: error }, 'queue: not swept; trying again'));
    });
    await this.queued.start();
    await this.stream.open();
    sayReady({ controllerId: settings.CONTROLLER_ID, incarnation: String(this.incarnation) });
    logger.info(`controller ${settings.CONTROLLER_ID}: ready (incarnation ${this.incarnation})`);
  }

  async stop(): Promise<void> {
    this.routes.stop();
    this.queued.stop();
    const until = this.clock.now() + drainMs;
    while ((this.routes.inFlightCount > 0 || this.queued.inHandCount > 0) && this.clock.now() < until) await pause(10);
    this.path.balancer.retireAll();
    await this.stream.close();
    for (const timer of this.timers) clearInterval(timer);
    await this.app?.close();
    if (!(await this.recorder.close(storeMs)))
      this.logger.error('recorder: the store did not take the last records; the next start replays them');
    await this.agents.close();
    await this.stores.close();
  }

  private tick(): void {
    const now = this.clock.now();
    this.leases.tick(now);
    this.path.balancer.tick(now);
    this.routes.tick(now);
    this.stream.tick();
  }

  private every(ms: number, act: () => void): void {
    this.timers.push(setInterval(act, ms));
  }

  private async replay(): Promise<void> {
    const { settings, stores, logger, clock } = this;
    const replay = new JournalReplay(
      this.journalDirectory,
      settings.CONTROLLER_ID,
      this.incarnation,
      stores.activations,
      clock,
      logger,
    );
    const replayed = await replay.run();
    if (replayed.owed.length > 0) this.settleLater(replay, replayed);
  }

  /** What was answered 202 and may, by its limits, still be running somewhere. */
  private settleLater(replay: JournalReplay, replayed: Replayed): void {
    const overAt = Math.max(...replayed.owed.map((entry) => entry.overAt));
    const settle = (): void => {
      replay
        .settle(replayed)
        .catch((error: unknown) => this.logger.error({ err: error }, 'journal replay: owed records not stored'));
    };
    this.timers.push(setTimeout(settle, Math.max(0, overAt - this.clock.wallMs())));
  }

  private async listen(): Promise<void> {
    const { settings, logger, authenticator, stores, actions, clock } = this;
    const { limits } = settings;
    const flush = { flush: () => this.recorder.flush() };
    const parts = { stores, limits, clock, logger, manifest: settings.manifest, actions, flush };
    this.app = await createRestApp(ControllerModule.register(parts), { authenticator, limits, logger }, (handler) =>
      this.server(handler),
    );
    await this.app.listen(settings.API_LISTEN.port, settings.API_LISTEN.host);
  }

  /** The HTTP server under Fastify: the invoke route is served here and never reaches it. */
  private server(handler: Parameters<typeof createServer>[1] & object): Server {
    const { limits, METRICS } = this.settings;
    return createServer(
      {
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.idleConnectionMs,
        maxHeaderSize: 2 * limits.uriBytes,
      },
      (request, response) => {
        if (this.routes.handle(request, response)) return;
        if (METRICS && this.operations.handle(request, response)) return;
        handler(request, response);
      },
    );
  }

  private superseded(reason: string): void {
    this.logger.error(
      `controller ${this.settings.CONTROLLER_ID}: superseded (${reason}); exits without touching its containers`,
    );
    process.exit(1);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
