// Kill -9 of PostgreSQL and of the controller, again and again under load of non-blocking invocations, on two controllers: no accepted activation without
// a record, none twice. HEARTH_KILL_ROUNDS sets how often.
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster } from '../support/cluster';
import { PostgresServer } from '../support/postgres-server';
import { until } from '../support/until';
import { NonBlockingLoad } from './non-blocking-load';

const rounds = Number(process.env.HEARTH_KILL_ROUNDS ?? 10);
jest.setTimeout(rounds * 60_000 + 120_000);

let postgres: PostgresServer;
let cluster: Cluster;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  cluster = await startCluster({
    env: {
      DATABASE_URL: postgres.url,
      LIMIT_STORE_CONNECT_MS: '1000',
      LIMIT_RESTART_BACKOFF_MS: '200',
      LIMIT_RESTART_BACKOFF_MOST_MS: '400',
      LIMIT_CLAIM_LEASE_MS: '3000',
      LIMIT_SWEEP_GRACE_MS: '2000',
      LIMIT_SWEEP_INTERVAL_MS: '1000',
    },
  });
});
afterAll(async () => {
  await cluster.stop();
  await postgres.end();
});

it(`has one record for each accepted activation after ${rounds} rounds`, async () => {
  const load = new NonBlockingLoad(cluster.guest(0), cluster.dataDir);
  await load.putAction();
  let acceptedCount = 0;
  for (let round = 0; round < rounds; round += 1) {
    await load.under(async () => {
      await delay(500);
      const { controller0 } = cluster.record.apps;
      if (round % 2 === 0) process.kill(controller0!.pid, 'SIGKILL');
      await postgres.kill();
      await delay(100 * (round % 5));
      if (round % 2 === 1) process.kill(controller0!.pid, 'SIGKILL');
      await postgres.restart();
      await until(
        'the controller answers again',
        async () => {
          const answer = await cluster
            .guest(0)
            .call('GET', 'actions')
            .catch(() => undefined);
          return answer?.status === 200;
        },
        60_000,
      );
      await delay(500);
    });
    acceptedCount = await load.expectOneRecordEach();
  }
  process.stdout.write(`      ${acceptedCount} accepted, each with one record, after ${rounds} rounds\n`);
  expect(acceptedCount).toBeGreaterThan(10 * rounds);
});
