// Puts a controller together: stores, data path, scheduler session, REST. Everything is built here with `new` and handed on.
//
// Guarantees of the order: the journal's lock is held before anything is written to it; the journals of dead incarnations, of other controllers
// of this directory, too, are replayed before requests are taken, and before what was lost with them is swept; the internal listener listens before
// anybody is told of it; at the end no connection is taken first, then what is under way is finished, containers are handed back, records
// are stored, then the stores close.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '#clock';
import { watchIdentitiesMark } from '#invalidation';
import { type App, endForGood, openSiblings, sayReady, type Siblings } from '#lifecycle';
import { ParameterSeal, Seal } from '#seal';
import { openStores, type Stores } from '#store';
import type { Logger } from '#telemetry';
import type { ControllerSettings } from './config';
import { ControllerModule } from './controller.module';
import { AlarmClock, alarmPartsOf } from './alarms/alarm-clock';
import { AbsentNames } from './entities/absent-names';
import { ActionRepository } from './entities/action-repository';
import { type Entities, entitiesOf } from './entities/entities';
import { seedSystemPackages } from './entities/system-packages';
import { Authenticator } from './entities/authenticator';
import { type CacheInvalidation, InProcessInvalidation } from './entities/cache-invalidation';
import { withSealedParameters } from './entities/sealed-artifacts';
import { SiblingInvalidation } from './entities/sibling-invalidation';
import { seedDevelopmentSubjects } from './entities/development-subjects';
import { NamespaceOwners } from './entities/namespace-owners';
import { RedisInvalidation } from './entities/redis-invalidation';
import { RetentionSweep } from './entities/retention-sweep';
import { AgentClient } from './invoke/agent-client';
import { Components } from './invoke/composition/components';
import { Compositions } from './invoke/composition/compositions';
import { DataPath } from './invoke/data-path';
import { firePartsOf } from './invoke/fire-parts';
import { ForwardPeers } from './invoke/forward-peers';
import { ForwardedInvocations } from './invoke/forwarded-invocations';
import { Journal, journalOwner } from './invoke/journal';
import type { Invocation } from './invoke/invocation';
import { type JournalLock, lockJournal } from './invoke/journal-lock';
import { JournalReplay } from './invoke/journal-replay';
import { Invoker } from './invoke/invoker';
import { LeaseKeeper } from './invoke/lease-keeper';
import { QueuedInvocations } from './invoke/queued-invocations';
import { Recorder } from './invoke/recorder';
import { RefusedRecords } from './invoke/refused-records';
import { RowsInFlight } from './invoke/rows-in-flight';
import { SchedulerSession } from './invoke/scheduler-session';
import { ShareStatesStream } from './invoke/share-states.grpc';
import { TriggerFires } from './invoke/trigger-fires';
import { CallsUnderWay } from './rest/calls-under-way';
import { InternalRoutes } from './rest/internal.routes';
import { InvokeRoutes } from './rest/invoke.routes';
import { OperationsRoutes } from './rest/operations.routes';
import { PublicServer } from './rest/public-server';
import { createRestApp } from './rest/rest-app';
import { WebRoutes } from './rest/web/web.routes';
import { OwnPermits, type PermitLender } from './throttle/permit-lender';
import { RedisPermits } from './throttle/redis-permits';
import { Throttles } from './throttle/throttles';

/** How long a graceful stop waits for running invocations, and then for the store. */
const drainMs = 8_000;
const storeMs = 4_000;

export async function startController(settings: ControllerSettings, logger: Logger): Promise<App> {
  const { DATABASE_URL: databaseUrl, HEARTH_DATA_DIR: dataDirectory, limits } = settings;
  const say = (sentence: string): void => logger.error(sentence);
  const opened = await openStores({ databaseUrl, dataDirectory, readsApart: true, limits, say });
  const seal = new ParameterSeal(settings.PARAMETER_KEY, settings.FORMER_PARAMETER_KEYS);
  const stores = withSealedParameters(opened, seal);
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
  /** Those that share its port. */
  private readonly siblings: Siblings | undefined;
  private readonly identity: { controllerId: string; incarnation: bigint; address: string };
  private readonly invalidation: CacheInvalidation;
  private readonly authenticator: Authenticator;
  /** For what runs in a namespace's own name. */
  readonly owners: NamespaceOwners;
  private readonly absent: AbsentNames;
  private readonly actions: ActionRepository;
  private readonly refused: RefusedRecords;
  private readonly recorder: Recorder;
  private readonly retention: RetentionSweep;
  private readonly agents: AgentClient;
  private readonly path: DataPath;
  private readonly peers: ForwardPeers;
  private readonly forwarded: ForwardedInvocations;
  private readonly internal: InternalRoutes;
  private readonly lender: PermitLender;
  private readonly throttles: Throttles;
  private readonly compositions: Compositions;
  private readonly fires: TriggerFires;
  private readonly entities: Entities;
  private readonly alarms: AlarmClock;
  private readonly queued: QueuedInvocations;
  private readonly calls: CallsUnderWay;
  private readonly operations: OperationsRoutes;
  private readonly front: PublicServer;
  private readonly session: SchedulerSession;
  private readonly leases: LeaseKeeper<Invocation>;
  private readonly stream: ShareStatesStream;
  private readonly journalDirectory: string;
  private readonly journalReplay: JournalReplay;
  private journalLock: JournalLock | undefined;
  private unwatchIdentities: () => void = () => undefined;
  private app: NestFastifyApplication | undefined;
  private isStopping = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly settings: ControllerSettings,
    private readonly stores: Stores,
    private readonly incarnation: bigint,
    private readonly logger: Logger,
  ) {
    const { limits, CONTROLLER_ID: controllerId } = settings;
    const { clock } = this;
    this.siblings = settings.CONTROLLERS > 1 ? openSiblings(limits.siblingNoteMs) : undefined;
    this.journalDirectory = join(settings.HEARTH_DATA_DIR, 'journal');
    this.identity = { controllerId, incarnation, address: '' };
    this.invalidation =
      settings.REDIS_URL !== undefined
        ? new RedisInvalidation(settings.REDIS_URL, limits, logger)
        : this.siblings
          ? new SiblingInvalidation(this.siblings)
          : new InProcessInvalidation(settings.INTERNAL_LISTEN ? limits.cacheStaleMs : Infinity);
    this.authenticator = new Authenticator(stores.subjects, limits, clock, this.invalidation);
    const subjectSeal = new Seal(settings.CLUSTER_SECRET, 'subjects');
    this.owners = new NamespaceOwners(stores.subjects, limits, clock, this.invalidation, subjectSeal);
    this.absent = new AbsentNames(limits, clock, this.invalidation);
    this.actions = new ActionRepository(stores.artifacts, limits, clock, this.invalidation);
    const journal = new Journal(this.journalDirectory, controllerId, incarnation, limits, logger);
    this.refused = new RefusedRecords(this.journalDirectory, stores.activations, limits, clock, logger);
    this.journalReplay = new JournalReplay(
      ...([this.journalDirectory, controllerId, incarnation, stores.activations, clock, logger, this.refused] as const),
    );
    this.retention = new RetentionSweep(stores.retention, limits, logger);
    this.recorder = new Recorder(journal, stores.activations, limits, clock, logger, this.refused);
    this.agents = new AgentClient(settings.AGENT_TOKEN, controllerId, incarnation, limits.resumeTimeoutMs);
    const codeOf = this.actions.code.bind(this.actions);
    this.path = new DataPath(limits, clock, logger, this.recorder, this.agents, stores.queue, codeOf);
    const resolve = this.actions.resolve.bind(this.actions);
    const seal = new Seal(settings.CLUSTER_SECRET);
    this.peers = new ForwardPeers(this.path, settings.CLUSTER_SECRET, seal);
    this.forwarded = new ForwardedInvocations(this.path, this.recorder, this.actions, seal);
    this.internal = new InternalRoutes(this.forwarded, settings.CLUSTER_SECRET, limits);
    this.lender =
      settings.REDIS_URL === undefined
        ? new OwnPermits(clock, settings.CONTROLLERS)
        : new RedisPermits(settings.REDIS_URL, `${controllerId}/${incarnation}`, limits, clock, logger);
    this.throttles = new Throttles(this.lender, limits, clock);
    const components = new Components(this.actions);
    const { path: dataPath, recorder } = this;
    this.compositions = new Compositions({ path: dataPath, recorder, components, limits, clock, logger });
    this.queued = new QueuedInvocations(
      controllerId,
      incarnation,
      this.path,
      stores.queue,
      { activations: stores.activations, refused: this.refused },
      resolve,
      seal,
      limits,
      clock,
      logger,
      this.compositions,
      new RowsInFlight(this.throttles),
    );
    const { authenticator, actions, throttles } = this;
    const invoker = new Invoker(this.path, this.recorder, this.queued, this.compositions, limits, clock);
    this.fires = new TriggerFires(
      firePartsOf(this.throttles, this.actions, invoker, this.queued),
      stores.fires,
      limits,
      clock,
      logger,
    );
    this.entities = entitiesOf(stores, this.actions, settings.manifest, limits, clock);
    const alarmParts = alarmPartsOf(stores.alarms, this.owners, this.entities, this.fires);
    this.alarms = new AlarmClock(alarmParts, limits, clock, logger);
    this.calls = new CallsUnderWay(limits, clock);
    const routeParts = { authenticator, actions, invoker, throttles, limits, logger };
    const invocations = new InvokeRoutes(routeParts, this.calls);
    const web = new WebRoutes(
      { ...routeParts, owners: this.owners, absent: this.absent },
      this.calls,
      settings.WEB_DOMAIN,
    );
    this.session = new SchedulerSession(
      this.identity,
      this.path,
      clock,
      (reason) => this.superseded(reason),
      existsSync,
    );
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
      controllerId,
      isConnected: () => this.stream.isConnected,
      isDegraded: () => this.recorder.isDegraded || !this.invalidation.isConnected,
      isStopping: () => this.isStopping,
      storeQueries: () => stores.queries(),
      grpcMessages: () => this.stream.messages(),
      containers: () => this.path.balancer.warm.size,
      waiting: () => this.path.balancer.overflow.length,
      inFlight: () => this.calls.inFlightCount,
      unstoredRecords: () => this.recorder.waitingCount,
      recordsSetAside: () => this.refused.kept,
      recordsGivenUp: () => this.refused.givenUp,
      entriesDamaged: () => this.journalReplay.damagedCount,
      forwarding: () => this.path.balancer.forwarding.underWayCount,
      forwardedHere: () => this.forwarded.count,
    });
    this.front = new PublicServer(invocations, web, settings.METRICS ? [this.operations] : [], limits, clock);
  }

  async start(): Promise<void> {
    const { settings, stores, logger } = this;
    if (settings.DEVELOPMENT_SUBJECTS) {
      await seedDevelopmentSubjects(stores.subjects, new Seal(settings.CLUSTER_SECRET, 'subjects'));
    }
    if (this.invalidation instanceof RedisInvalidation) await this.invalidation.open();
    if (this.lender instanceof RedisPermits) await this.lender.open();
    this.watchIdentities();
    this.holdJournal();
    await this.replay();
    if (settings.SYSTEM_PACKAGES) await seedSystemPackages(this.entities, settings.manifest);
    await this.listenInternally();
    await this.listen();
    // The shortest thing that time decides is the suspend grace.
    const tickMs = Math.max(1, Math.min(20, Math.floor(settings.limits.suspendGraceMs / 2)));
    this.every(tickMs, () => this.tick());
    this.every(settings.limits.sweepIntervalMs, () => {
      this.sweep().catch((error: unknown) => logger.warn({ err: error }, 'queue: not swept; trying again'));
    });
    this.every(settings.limits.throttleBeatMs, () => {
      this.queued.lookAfterAccepted().catch((error: unknown) => logger.warn({ err: error }, 'queue: not looked after'));
    });
    this.every(settings.limits.alarmPollMs, () => void this.alarms.look());
    this.every(settings.limits.retentionSweepMs, () => void this.retention.run());
    await this.queued.start();
    void this.refused.tryAgain();
    await this.stream.open();
    sayReady({ controllerId: settings.CONTROLLER_ID, incarnation: String(this.incarnation) });
    logger.info(`controller ${settings.CONTROLLER_ID}: ready (incarnation ${this.incarnation})`);
  }

  async stop(): Promise<void> {
    const { clock, path } = this;
    this.isStopping = true;
    this.siblings?.retire();
    await this.front.retire();
    this.queued.stop();
    path.giveUpWaiting('queue');
    await pause(this.settings.limits.stopLingerMs);
    this.calls.stop();
    this.forwarded.stop();
    this.internal.retire();
    const until = clock.now() + drainMs;
    while (this.underWayCount > 0 && clock.now() < until) await pause(10);
    path.giveUpWaiting('client');
    path.balancer.retireAll();
    await this.stream.close();
    for (const timer of this.timers) clearInterval(timer);
    this.journalReplay.stop();
    this.retention.stop();
    this.unwatchIdentities();
    this.front.close();
    await this.app?.close();
    if (await this.recorder.close(storeMs)) this.journalLock?.remove();
    else this.logger.error('recorder: the store did not take the last records; the next start replays them');
    // After Goodbye nobody is hinted here any more.
    await this.internal.close();
    await this.peers.close();
    await this.agents.close();
    await this.invalidation.close();
    await this.lender.close();
    await this.stores.close();
  }

  private get underWayCount(): number {
    return this.calls.inFlightCount + this.queued.inHandCount + this.forwarded.count + this.compositions.count;
  }

  private tick(): void {
    const now = this.clock.now();
    this.leases.tick(now);
    this.path.balancer.tick(now);
    this.calls.tick(now);
    this.throttles.tick(now);
    this.peers.tick(now);
    this.stream.tick();
  }

  private every(ms: number, act: () => void): void {
    this.timers.push(setInterval(act, ms));
  }

  /** `hearth user` and `hearth limits` write past the controllers. */
  private watchIdentities(): void {
    const { HEARTH_DATA_DIR, limits } = this.settings;
    this.unwatchIdentities = watchIdentitiesMark(HEARTH_DATA_DIR, limits.identitiesMarkMs, () => {
      for (const holder of [this.authenticator, this.owners, this.absent])
        holder.forgetStale({ kind: 'all', name: '' });
    });
  }

  private holdJournal(): void {
    const { CONTROLLER_ID } = this.settings;
    this.journalLock = lockJournal(this.journalDirectory, journalOwner(CONTROLLER_ID, this.incarnation));
    if (this.journalLock) return;
    throw new Error(
      `cannot lock the journal of controller ${CONTROLLER_ID}, incarnation ${this.incarnation}, in ${this.journalDirectory}: ` +
        'another process holds it; was the store replaced by an older one? Give this controller a CONTROLLER_ID of its own.',
    );
  }

  private async replay(): Promise<void> {
    const replayed = await this.journalReplay.run();
    if (replayed.owed.length > 0) this.journalReplay.settleLater(replayed);
    await this.journalReplay.runOthers();
  }

  /** What dead controllers left: what they told first, then what they can tell no more. */
  private async sweep(): Promise<void> {
    await this.journalReplay.runOthers();
    await this.queued.sweep();
  }

  private async listen(): Promise<void> {
    const { settings, logger, authenticator, stores, actions, owners, fires, clock, invalidation } = this;
    const { limits } = settings;
    const isAlone = settings.REDIS_URL === undefined && !settings.INTERNAL_LISTEN;
    // Others batch, and insert while this one reads.
    const flush = { flush: () => this.recorder.flush(), othersMs: isAlone ? 0 : 3 * limits.recordBatchMs };
    const { manifest } = settings;
    const parts = { stores, limits, clock, logger, manifest, actions, owners, fires, flush, invalidation };
    this.app = await createRestApp(ControllerModule.register(parts), { authenticator, limits, logger }, (handler) =>
      this.front.create(handler),
    );
    const { port, host } = settings.API_LISTEN;
    if (!this.siblings) return void (await this.app.listen({ port, host, backlog: limits.acceptBacklogCount }));
    await this.app.init();
    await this.app.getHttpAdapter().getInstance().ready();
    this.siblings.onConnection((socket) => this.front.take(socket));
  }

  /** What it answers is in the first Hello. */
  private async listenInternally(): Promise<void> {
    const { INTERNAL_LISTEN: at, INTERNAL_ADVERTISE } = this.settings;
    if (!at) return;
    const port = await this.internal.listen(at.host, at.port);
    this.identity.address = INTERNAL_ADVERTISE ?? `${at.host}:${port}`;
  }

  /**
   * Two processes of one id would end each other in turn for as long as somebody starts them again; so this end is final. Its containers
   * are the agents' to remove; what was finished is stored.
   */
  private superseded(reason: string): void {
    if (this.isStopping) return;
    this.isStopping = true;
    void this.front.retire();
    this.queued.stop();
    const sentence =
      `controller ${this.settings.CONTROLLER_ID}: superseded (${reason}). Give each controller a CONTROLLER_ID of its own; ` +
      'if no other process has this one, its store was replaced by an older one: start the schedulers and agents anew, too.';
    void Promise.race([this.recorder.flush(), pause(storeMs)]).finally(() => endForGood(sentence));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
