// One table of every limit that has a name: unit, default and reason. What is not in this table is not limited on purpose.
//
// Each can be set by environment: LIMIT_ and the name in capitals, e.g. LIMIT_SUSPEND_GRACE_MS=5. The unit is the last word
// of the name. Values are integers of at least `min`; anything else is refused at start-up with one sentence.

interface Limit {
  readonly value: number;
  readonly why: string;
  readonly min: number;
}

const limit = (value: number, why: string, min = 0): Limit => ({ value, why, min });

/** The table. Names end in their unit. */
export const limitTable = {
  // controller: containers
  suspendGraceMs: limit(10_000, "as OpenWhisk today; the prototype's 50 ms made matching arrival intervals pay"),
  freeReportedAfterMs: limit(100, '100,000 busy containers must not flood the leader'),
  resumeTimeoutMs: limit(10_000, 'a freezer answers in 1 ms, an engine under load in seconds', 1),
  initTimeoutMs: limit(60_000, 'the most that an action limit may be for /init', 1),
  initConnectRetryMs: limit(20, 'a server that is still booting refuses connections; half of what OpenWhisk waits', 1),
  initRefusedMs: limit(1_000, 'a container listens before it is granted: one that refuses for longer is gone', 1),
  // controller: overflow
  overflowPerKeyCount: limit(1_000, 'waiters of one action key; more is 503', 1),
  overflowTotalCount: limit(10_000, 'waiters of one controller; more is 503', 1),
  overflowWaitMs: limit(60_000, 'a blocking client waits no longer', 1),
  demandSteadyMs: limit(100, 'a demand that would be decided as before is repeated no sooner'),
  demandLightMs: limit(20, 'whose turn comes within this is no demand: a new container takes longer'),
  turnsPerContainerCount: limit(
    4,
    '1 container idles while each answer travels, 4 of a 0.2 ms action keep 2 cores busy',
    1,
  ),
  demandCoalesceMs: limit(20, 'a prewarmed start has 40 ms in all; the first demand of a key leaves at once'),
  // controller: HTTP
  blockingWaitMs: limit(60_000, "OpenWhisk's wait for a blocking result", 1),
  payloadBytes: limit(1_048_576, "OpenWhisk's limit of a request and of a result", 1),
  entityBytes: limit(52_428_800, "OpenWhisk's limit of any request body (50 MB)", 1),
  uriBytes: limit(8_192, "OpenWhisk's limit of a request line", 1),
  requestTimeoutMs: limit(65_000, "OpenWhisk's limit for receiving a request", 1),
  invocationsInFlightCount: limit(20_000, 'requests of one controller between accept and reply; more is 503', 1),
  // actions, as OpenWhisk's
  actionTimeoutMinMs: limit(100, 'shortest time limit of an action', 1),
  actionTimeoutDefaultMs: limit(60_000, 'time limit of an action that names none', 1),
  actionTimeoutMaxMs: limit(300_000, 'longest time limit of an action', 1),
  actionMemoryMinMb: limit(128, 'least memory of an action', 1),
  actionMemoryDefaultMb: limit(256, 'memory of an action that names none', 1),
  actionMemoryMaxMb: limit(512, 'most memory of an action', 1),
  actionLogsMaxMb: limit(10, 'most log output of an activation, and what an action gets that names none'),
  actionConcurrencyMaxCount: limit(
    1,
    'most runs at once in one container; more needs actions that are written for it',
    1,
  ),
  codeBytes: limit(50_331_648, 'code of an action (48 MB)', 1),
  parametersBytes: limit(1_048_576, 'parameters, and annotations, of one entity', 1),
  actionRetriesMaxCount: limit(10, 'further attempts at most, whatever the annotation hearth-retries asks for'),
  sequenceLengthCount: limit(50, 'actions of a sequence, nested ones included', 1),
  compositionDepthCount: limit(
    100,
    'sequences and conductors inside each other; ones that call each other have no other end',
    3,
  ),
  compositionActivationsCount: limit(
    10_000,
    'runs of one composition in all; more than 50 conductors in a sequence can make',
    1,
  ),
  compositionsInFlightCount: limit(5_000, 'sequences and conductors under way in one controller; more is 503', 1),
  listDefaultCount: limit(30, 'items of a list that names no limit', 1),
  listMaxCount: limit(200, 'items of one list', 1),
  // namespaces that have no limits of their own
  namespaceInvocationsPerMinute: limit(60, "as OpenWhisk's deployment"),
  namespaceConcurrentInvocationsCount: limit(30, "as OpenWhisk's deployment"),
  namespaceFiresPerMinute: limit(60, "as OpenWhisk's deployment"),
  // throttles of several controllers, over Redis
  throttleWaitMs: limit(250, 'a request that needs more permits waits no longer; then its controller has its share', 1),
  throttleBeatMs: limit(1_000, 'how often a controller says to Redis that it is there', 1),
  throttleDeadMs: limit(5_000, 'what a controller holds that is not heard of for so long is free for others', 1),
  throttleIdleMs: limit(1_000, 'a namespace that invokes nothing for so long keeps no permits from other controllers'),
  throttleRefreshMs: limit(5_000, 'how often held permits are said again, in case Redis has lost them', 1),
  acceptBacklogCount: limit(
    4_096,
    'connections not yet accepted; who finds no place tries again after 1 and 3 s. Bounded by net.core.somaxconn',
    1,
  ),
  idleConnectionMs: limit(70_000, "OpenWhisk's limit for an idle connection", 1),
  stopLingerMs: limit(250, 'a controller that stops still serves what arrives on open connections; then 503'),
  // controller: other controllers
  peerConnectionsCount: limit(32, 'connections to one other controller, and so invocations forwarded to it at once', 1),
  peerConnectMs: limit(250, 'a controller that does not answer by then takes nothing; the invocation waits here', 1),
  // controller: caches
  identityCacheBytes: limit(8_388_608, 'callers and owners of namespaces, each: 10,000 of about 800 bytes', 4_096),
  identityCacheMs: limit(60_000, 'within this time a blocked subject or a changed limit takes effect'),
  identitiesMarkMs: limit(500, 'how often a controller looks whether `hearth user` has written; one stat of a file', 1),
  invalidationPingMs: limit(
    1_000,
    'how often Redis is asked whether it is there; two without an answer count as lost',
    1,
  ),
  invalidationWaitMs: limit(250, 'how long a write waits for other controllers to be told before it is answered', 1),
  invalidationPendingCount: limit(10_000, 'names kept while Redis is away; beyond, other controllers drop all', 1),
  cacheMs: limit(
    60_000,
    'with other controllers: entries are read again, should an invalidation never have been sent',
    1,
  ),
  cacheStaleMs: limit(5_000, 'the same while invalidations of other controllers do not arrive', 1),
  actionCacheBytes: limit(67_108_864, 'actions without code; code is read when a container is initialised', 1),
  codeCacheBytes: limit(134_217_728, 'code of the actions initialised last', 1),
  // controller: records
  journalBytes: limit(1_073_741_824, 'on disk, records not yet stored', 1),
  journalMemoryBytes: limit(67_108_864, 'records that could not be written to disk', 1),
  journalSegmentBytes: limit(8_388_608, 'a segment is deleted once all of its records are stored', 1),
  recordBatchMs: limit(100, 'how long a finished record waits for others before it is stored'),
  recordBatchCount: limit(500, 'records stored in one transaction', 1),
  refusedRecordMs: limit(30_000, 'a record that the store refuses is set aside then, or as soon as another is taken'),
  refusedRecordsBytes: limit(
    67_108_864,
    'on disk, records set aside since the store refuses them; beyond, only logged',
  ),
  // controller: non-blocking queue
  queueRowsCount: limit(100_000, 'accepted and not yet started; more is 503 before an id is given out', 1),
  queueAgeMs: limit(600_000, 'older ones end as a whisk internal error', 1),
  claimWindowExtraCount: limit(16, 'claimed at once: 2 × own containers + this', 1),
  claimLeaseMs: limit(30_000, 'a dead controller delays little; renewed while waiting', 1),
  claimPollMs: limit(1_000, 'how often a controller looks for rows that others left'),
  sweepGraceMs: limit(60_000, 'a restarted controller replays its journal first'),
  alarmPollMs: limit(500, 'how often a controller looks for alarms that are due: how late one may be', 1),
  alarmBatchCount: limit(100, 'alarms that a controller fires before it looks again', 1),
  alarmsPerNamespaceCount: limit(1_000, 'triggers of one namespace that are fired by time', 1),
  webhookWrongTokensPerMinute: limit(
    60,
    'from one address at one controller; then it may only fire what that controller knows already',
  ),
  webhookClientsCount: limit(10_000, 'addresses whose wrong tokens are counted', 1),
  webhookCacheBytes: limit(4_194_304, 'digests of webhooks, so that a wrong token costs the store nothing', 65_536),
  absentNamesCount: limit(10_000, 'names of web actions and namespaces that are known not to be there', 1),
  absentNameMs: limit(2_000, 'how long a stranger is told that from memory; any write ends it'),
  webhookHeadersCount: limit(20, 'names of headers that a webhook passes on to its trigger', 1),
  sweepIntervalMs: limit(10_000, 'how often a controller looks for overdue rows and journals of lost ones', 1),
  // share-states
  reconnectMs: limit(100, 'between two attempts to reach the leader', 1),
  welcomeTimeoutMs: limit(3_000, 'a scheduler that was stopped accepts connections and says nothing', 1),
  streamKeepaliveMs: limit(1_000, 'a silent peer is noticed', 1),
  // use leases
  useLeaseRenewMs: limit(5_000, 'one small request per agent; longer with more than 1,000 nodes', 1),
  useLeaseRenewalsPerSecond: limit(200, 'what one controller spends on renewals', 1),
  useLeaseFactor: limit(3, 'a lease is three renewal intervals', 1),
  // scheduler
  fairnessMs: limit(500, 'then a hot container is retired for a waiting action'),
  reclaimHoldMs: limit(2_000, 'how long freed memory stays reserved for its demand'),
  reclaimDeadlineMs: limit(250, 'no answer means Kept', 1),
  settleMs: limit(2_000, 'no trimming just after a takeover'),
  idleRemovalMs: limit(600_000, 'as OpenWhisk', 1),
  idleTimesBinMs: limit(60_000, 'hybrid-histogram: a minute, as in the paper', 1),
  idleTimesBinCount: limit(240, 'hybrid-histogram: four hours, as in the paper', 1),
  idleTimesKeyCount: limit(10_000, 'hybrid-histogram: action keys whose idle times are remembered; 1 KB each', 1),
  reportIntervalMs: limit(20, 'Report is sent at most this often', 1),
  bindTimeoutMs: limit(250, 'then repeated; the demand is served elsewhere meanwhile', 1),
  createTimeoutMs: limit(30_000, 'engines hang under load', 1),
  removeTimeoutMs: limit(10_000, 'engines hang under load', 1),
  creationsPerActionCount: limit(16, 'parallel; 4 at once cost an engine 2.5 times as long each', 1),
  nodeErrorsCount: limit(3, 'system errors in the last 10 creations before a node is probed', 1),
  nodeSuspectedMs: limit(3_000, 'no new placements', 1),
  nodeGoneMs: limit(10_000, 'its memory leaves the total', 1),
  heartbeatMs: limit(1_000, 'as OpenWhisk', 1),
  backlogClearMs: limit(
    100,
    'waiters that the owned containers serve within this are worth no new one: it takes as long',
    1,
  ),
  prewarmWindowMs: limit(60_000, 'as OpenWhisk: how often reactive prewarm follows what demands took', 1),
  creationAttemptsCount: limit(
    3,
    'creations that fail in a row by the platform before the waiters of a key are told',
    1,
  ),
  nodeProbeMs: limit(5_000, 'between two probes of a node whose creations fail', 1),
  inventoryRetryMs: limit(500, 'before a node that gave no inventory is asked again', 1),
  inventoryRefreshMs: limit(
    60_000,
    'every node says again what it has, so that what a late command left there is found',
    1,
  ),
  stemCellsPerNodeCount: limit(100, 'stem cells of one kind and memory that an operator may set for each node'),
  stemCellSettingsCount: limit(100, 'kinds and memories that operators may set stem cells for'),
  retryFirstMs: limit(200, 'before a command without an answer is repeated; doubles each time', 1),
  retryMostMs: limit(10_000, 'the most that a repeated command waits', 1),
  agentConnectionsCount: limit(32, 'kept connections to one agent; creations are bounded apart', 1),
  schedulerTickMs: limit(20, 'how often time reaches the pure core when no message does', 1),
  // leadership
  leaderLeaseMs: limit(3_000, 'failover budget is this + 1 s', 1),
  leaderRenewMs: limit(1_000, 'a third of the lease, also when only the lease is set', 1),
  // stores
  storeRequestsCount: limit(4_096, "requests that wait for the store's worker; more are refused as unavailable", 1),
  storeBusyTimeoutMs: limit(
    10_000,
    'how long a statement waits for another process that writes the same SQLite file',
    1,
  ),
  storeStatementsCount: limit(200, 'prepared statements kept for their next use', 1),
  storeConnectionsCount: limit(8, 'connections of one process to PostgreSQL; more requests wait for one', 1),
  storeConnectMs: limit(5_000, 'how long a request waits for a connection to PostgreSQL', 1),
  storeStatementMs: limit(15_000, 'a statement that PostgreSQL has not done by then is given up', 1),
  storeOpenWaitMs: limit(20_000, 'how long a start waits for a PostgreSQL that is not there yet'),
  retentionMs: limit(
    604_800_000,
    'activation records and logs are kept for 7 days, in PostgreSQL up to a day longer',
    1,
  ),
  retentionSweepMs: limit(60_000, 'between two looks for records that are too old', 1),
  retentionRowsCount: limit(2_000, 'records and log rows deleted in one transaction: nobody waits long behind it', 1),
  storeRestartMs: limit(100, "before a store's worker that died is started again; doubles with each death", 1),
  storeRestartMostMs: limit(5_000, 'the back-off grows no further; a worker that lived this long begins it anew', 1),
  storeGarbageBytes: limit(
    1_048_576,
    "a store's worker collects its old garbage when there may be so much; V8: 8 MB",
    65_536,
  ),
  storeGarbageLookMs: limit(10_000, 'between two looks at it: a collection takes the worker 7 ms', 1),
  storeYoungMb: limit(12, "young generation of a store's worker, which doubles with use and keeps its size; V8: 48", 3),
  leaderTryMs: limit(100, 'between two attempts of a candidate', 1),
  // agent
  logPollMs: limit(50, 'how often a running container is looked at for new log lines', 1),
  logIdleMs: limit(2_000, 'without sentinel and without new data, collection ends', 1),
  logLineBytes: limit(262_144, 'a longer line is cut into pieces', 1),
  logBatchMs: limit(100, 'collected lines wait this long for others'),
  logBufferBytes: limit(
    33_554_432,
    'lines of one agent that wait for the log store; more are dropped with a line that says so',
    1,
  ),
  logSettleMs: limit(
    400,
    'a record younger than this is shown once its logs are there: OpenWhisk stores records after logs',
  ),
  logFileBytes: limit(67_108_864, "a container's log file is emptied once it is larger and has been read", 1),
  logChunkBytes: limit(65_536, 'read at once from one stream of a container', 1_024),
  logChunksPerPollCount: limit(16, 'a container that writes much does not keep the agent from the others', 1),
  logHalfOpenCount: limit(1_000, 'activations of a container that only one of its streams has ended', 1),
  logRowsCount: limit(100_000, 'rows that wait for the log store, however small; more are dropped', 1),
  logRetryMs: limit(1_000, 'between two attempts at a log store that fails', 1),
  agentLeaveMs: limit(8_000, 'an agent that stops waits for what runs there, as long as a controller that stops does'),
  freezeTimeoutMs: limit(2_000, 'a freezer that has not frozen a container by then is thawed again', 1),
  endingWaitMs: limit(
    500,
    'an agent that is asked why a container ended waits for its driver; more delays the answer',
    1,
  ),
  engineCallMs: limit(10_000, 'an engine under load takes seconds; one that takes longer hangs', 1),
  engineCreationsCount: limit(10, 'creations at once by one engine, as OpenWhisk; more make each of them slower', 1),
  engineLogFileBytes: limit(16_777_216, "the engine begins a container's next log file then", 65_536),
  engineLogFilesCount: limit(3, 'log files of one container; the oldest is deleted, read or not', 2),
  imagePullMs: limit(600_000, 'as OpenWhisk; creations that wait for it give up earlier', 1),
  apiForwarderConnectionsCount: limit(
    1_024,
    'connections of actions to the API by the gateway of their bridge; more are closed at once',
    1,
  ),
  apiForwarderIdleMs: limit(120_000, 'such a connection that says nothing for so long is closed', 1),
  writableLayerMb: limit(1_024, 'what a foreign image may write, where the engine can limit that', 1),
  runcCommandTimeoutMs: limit(10_000, 'runc, ip, nft, iptables, mount: a program that takes longer hangs', 1),
  preparedContainersCount: limit(4, 'containers of runc that wait for an owner; each takes some 10 MB'),
  namespaceStockCount: limit(8, 'network namespaces made ahead of need, for runc; making one takes some 30 ms'),
  imageCacheBytes: limit(10_737_418_240, 'unpacked images of the runc driver; beyond, the unused go', 1),
  imageUnpackTimeoutMs: limit(300_000, 'one layer of an image, or its transfer from the Docker engine', 1),
  writableMemoryMb: limit(128, 'what a foreign image may write outside of /tmp under runc; it counts as memory', 1),
  creationsPerCoreCount: limit(2, 'parallel creations of a node, for each of its cores', 1),
  removalLogMs: limit(2_000, 'removal finishes pending collection within', 1),
  agentBodyBytes: limit(1_048_576, 'request bodies of the agent', 1),
  agentKeepAliveMs: limit(600_000, 'connections of controllers and the scheduler are kept', 1),
  tunnelsCount: limit(10_000, 'connections to containers that go through their agent; more is 503', 1),
  tunnelConnectMs: limit(1_000, 'a container that does not take a connection by then has none', 1),
  // supervisor
  restartBackoffMs: limit(1_000, 'before an app that died is started again; doubles with each death', 1),
  restartBackoffMostMs: limit(30_000, 'the back-off grows no further', 1),
  restartStableMs: limit(60_000, 'an app that ran this long starts its back-off anew', 1),
  siblingNoteMs: limit(
    1_000,
    'a controller waits no longer for those that share its port to hear what it has written',
    1,
  ),
  handedConnectionsCount: limit(
    1_024,
    'connections of a shared port on their way to one controller; then another gets them',
    1,
  ),
  startTimeoutMs: limit(60_000, 'an app that is not ready by then counts as failed', 1),
  stopWaitMs: limit(20_000, 'apps give up after 15 s by themselves; then they are killed', 1),
  leftoverWaitMs: limit(20_000, 'apps of a killed supervisor end by themselves; a new start waits for them', 1),
  // workload driver (hearth workload)
  driverConnectionsCount: limit(
    2_000,
    'connections to the API host, and so requests at once; more wait in the driver',
    1,
  ),
  driverWaitingCount: limit(100_000, 'requests that wait for a connection; more are counted as unsent', 1),
  driverPollFirstMs: limit(20, 'before a record is asked for the first time; doubles with each time', 1),
  driverPollMostMs: limit(1_000, 'the most between two questions for one record', 1),
  driverStopMs: limit(3_000, 'how long Ctrl-C waits for what is under way'),
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limitTable;
/** All limits as plain numbers, in the unit that the name ends with. */
export type Limits = Readonly<Record<LimitName, number>>;

export const defaultLimits: Limits = Object.fromEntries(
  Object.entries(limitTable).map(([name, { value }]) => [name, value]),
) as Limits;

/** suspendGraceMs -> LIMIT_SUSPEND_GRACE_MS */
export function limitVariable(name: LimitName): string {
  return `LIMIT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads the limits that the environment sets; returns every complaint instead of stopping at the first. */
export function readLimits(env: NodeJS.ProcessEnv): { limits: Limits; complaints: string[] } {
  const limits: Record<string, number> = { ...defaultLimits };
  const complaints: string[] = [];
  const known = new Set<string>();
  for (const [name, { min }] of Object.entries(limitTable) as [LimitName, Limit][]) {
    const variable = limitVariable(name);
    known.add(variable);
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= min) limits[name] = value;
    else
      complaints.push(
        `${variable} is "${text}"; set an integer of at least ${min}, or unset it (${defaultLimits[name]}).`,
      );
  }
  for (const variable of Object.keys(env)) {
    if (variable.startsWith('LIMIT_') && !known.has(variable))
      complaints.push(`${variable} is no limit of Hearth; unset it.`);
  }
  if (!env[limitVariable('leaderRenewMs')]) limits.leaderRenewMs = Math.max(1, Math.floor(limits.leaderLeaseMs! / 3));
  if (!env[limitVariable('leaderTryMs')]) limits.leaderTryMs = Math.min(limits.leaderTryMs!, limits.leaderRenewMs!);
  return { limits: limits as Limits, complaints: [...complaints, ...contradictions(limits as Limits)] };
}

/** Whether one lost heartbeat leaves a node unsuspected; an agent's interval may be set apart from the scheduler's limits. */
export function isHeardOften(intervalMs: number, { nodeSuspectedMs }: Pick<Limits, 'nodeSuspectedMs'>): boolean {
  return nodeSuspectedMs >= 2 * intervalMs;
}

/** Timings that depend on each other, one sentence for each relation that does not hold. */
function contradictions(limits: Limits): string[] {
  const relations: [boolean, string][] = [
    [
      limits.leaderRenewMs * 2 <= limits.leaderLeaseMs,
      'LIMIT_LEADER_RENEW_MS must be at most half of LIMIT_LEADER_LEASE_MS, or one lost renewal ends the leadership.',
    ],
    [
      limits.leaderTryMs <= limits.leaderRenewMs,
      'LIMIT_LEADER_TRY_MS must be at most LIMIT_LEADER_RENEW_MS, or a failover waits for candidates that do not look.',
    ],
    [
      isHeardOften(limits.heartbeatMs, limits) && limits.nodeGoneMs > limits.nodeSuspectedMs,
      'LIMIT_NODE_SUSPECTED_MS must be at least two heartbeats, and LIMIT_NODE_GONE_MS longer than it.',
    ],
    [
      limits.useLeaseFactor >= 2,
      'LIMIT_USE_LEASE_FACTOR must be at least 2, or one lost renewal takes its containers from a controller.',
    ],
    [
      limits.reclaimDeadlineMs < limits.reclaimHoldMs,
      'LIMIT_RECLAIM_DEADLINE_MS must be shorter than LIMIT_RECLAIM_HOLD_MS, or what was freed is given away before all answers are in.',
    ],
    [
      limits.bindTimeoutMs < limits.createTimeoutMs,
      'LIMIT_BIND_TIMEOUT_MS must be shorter than LIMIT_CREATE_TIMEOUT_MS, or a bind is repeated later than a new container takes.',
    ],
    [
      limits.retryFirstMs <= limits.retryMostMs,
      'LIMIT_RETRY_FIRST_MS must be at most LIMIT_RETRY_MOST_MS, or repeated commands would be repeated faster each time.',
    ],
    [
      limits.claimPollMs < limits.claimLeaseMs && limits.claimLeaseMs < limits.queueAgeMs,
      'LIMIT_CLAIM_POLL_MS must be shorter than LIMIT_CLAIM_LEASE_MS, and that shorter than LIMIT_QUEUE_AGE_MS, or what a dead controller had claimed is too old once another looks for it.',
    ],
    [
      limits.cacheStaleMs <= limits.cacheMs,
      'LIMIT_CACHE_STALE_MS must be at most LIMIT_CACHE_MS, or caches live longer while invalidations do not arrive.',
    ],
    [
      limits.restartBackoffMs <= limits.restartBackoffMostMs && limits.storeRestartMs <= limits.storeRestartMostMs,
      'LIMIT_RESTART_BACKOFF_MS must be at most LIMIT_RESTART_BACKOFF_MOST_MS, and LIMIT_STORE_RESTART_MS at most LIMIT_STORE_RESTART_MOST_MS, or what keeps dying is started sooner each time.',
    ],
  ];
  return relations.flatMap(([holds, sentence]) => (holds ? [] : [sentence]));
}
