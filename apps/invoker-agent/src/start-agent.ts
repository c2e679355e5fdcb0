// Starts the agent's parts in an order in which nothing is used before it is there: state and leftovers first, then the routes, then the heartbeats
// that bring work. Stops them the other way round.
import type { Server } from 'node:http';
import { systemClock } from '#clock';
import type { App } from '#lifecycle';
import { openStores } from '#store';
import type { Logger } from '#telemetry';
import { lockNode } from './agent-lock';
import { AgentMetrics } from './agent-metrics';
import { chooseDriver } from './choose-driver';
import type { AgentConfig } from './config';
import { Containers } from './containers';
import { Heartbeat } from './heartbeat';
import { driversOf } from './drivers';
import { createHttpServer } from './http-server';
import { leave } from './leaving';
import { Ledger } from './ledger/ledger';
import { LogCollector } from './logs/log-collector';
import { Node } from './node';
import { StateFiles } from './state-files';
import { timedDriver } from './timed-driver';
import { Tunnels } from './tunnels';

export interface RunningAgent extends App {
  readonly url: string;
  /** Resolves when a leader has accepted a heartbeat. */
  readonly accepted: Promise<void>;
}

export async function startAgent(config: AgentConfig, logger: Logger): Promise<RunningAgent> {
  const { nodeId, nodeDirectory, databaseUrl, dataDirectory, limits, memoryMb, parallelCreations, reachability } =
    config;
  const clock = systemClock;
  const unlock = lockNode(nodeDirectory, nodeId);
  const files = StateFiles.open(nodeDirectory);
  const { incarnation } = files.past;
  const [stores, chosen] = await Promise.all([
    openStores({ databaseUrl, dataDirectory, limits, say: (sentence) => logger.error(sentence) }),
    chooseDriver(config.driver, driversOf(config, logger), logger),
  ]);
  const driver = timedDriver(chosen, clock, (...what) => metrics.observe(...what));
  const graceLeaseMs = limits.useLeaseRenewMs * limits.useLeaseFactor;
  const ledger = new Ledger(
    {
      nodeId,
      incarnation,
      memoryMb,
      addresses: driver.addresses,
      createTimeoutMs: limits.createTimeoutMs,
      wipeableKinds: new Set(driver.wipe ? config.wipeableKinds : []),
      graceLeaseMs,
    },
    files.past,
    clock.now(),
  );
  const empty = (id: string, drain: () => Promise<void>): Promise<boolean> => driver.emptyLogs(id, drain);
  const logs = new LogCollector({ store: stores.logs, limits, clock, logger, empty });
  const tunnels = new Tunnels(config.agentToken, (id) => ledger.get(id)?.addresses, limits);
  const metrics = new AgentMetrics(driver.name, ledger, logs, tunnels);
  const { heartbeatMs } = limits;
  const facts = { nodeId, incarnation, memoryMb, parallelCreations, heartbeatMs, reachability };
  const node = new Node(facts, driver, ledger, clock);
  const heartbeat = new Heartbeat({
    schedulers: config.schedulers,
    clusterSecret: config.clusterSecret,
    limits,
    logger,
    compose: () => node.heartbeat(),
    onAccepted: (epoch) => containers.sawEpoch(epoch),
  });
  node.isHeard = () => heartbeat.isAccepted;
  const containers = new Containers({
    ledger,
    files,
    driver,
    logs,
    clock,
    limits,
    logger,
    parallelCreations,
    onExit: () => heartbeat.beatNow(),
    onCreated: (ms) => metrics.creations.observe(ms / 1_000),
    onLogged: (isDone, ms) => metrics.observe('log', isDone, ms),
  });
  await containers.recover();
  logs.start();
  const server = await createHttpServer(
    { containers, node, metrics },
    { agentToken: config.agentToken, limits, logger },
  );
  if (reachability === 'proxy') tunnels.serve(server.getHttpServer() as Server);
  await server.listen(config.listen.port, config.listen.host);
  const { port } = server.getHttpServer().address() as { port: number };
  const url = config.agentUrl ?? `http://${config.listen.host}:${port}`;
  node.agentUrl = url;
  heartbeat.start();
  return {
    url,
    accepted: heartbeat.accepted,
    stop: async () => {
      await leave({
        clock,
        limits,
        containerCount: () => [...ledger.records()].length,
        isHeard: () => heartbeat.isAccepted,
        say: () => {
          node.isLeaving = true;
          heartbeat.beatNow();
        },
      });
      heartbeat.stop();
      tunnels.close();
      await server.close();
      await containers.close();
      await stores.close();
      unlock();
    },
  };
}
