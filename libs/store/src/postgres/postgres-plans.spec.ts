// PostgreSQL reads by index, and its queue answers as the model does.
import { CompiledQuery, sql as statement } from 'kysely';
import { ManualClock } from '#clock';
import { PostgresServer } from '../../../../test/support/postgres-server';
import { dataStatements } from '../conformance/query-plans.conformance';
import { answersAsTheModelDoes } from '../conformance/queue-model.conformance';
import { postgresOf } from '../sql/database-under-test';
import { PostgresRetention } from './postgres-retention';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.end());

it('reads by index where a table is large', async () => {
  const { under, statements } = await dataStatements((log) => postgresOf(server, undefined, log));
  await new PostgresRetention(under.database, under.differences).prepare();
  const scans: string[] = [];
  await under.database.connection().execute(async (connection) => {
    // Tables without rows: the planner would rather read all of nothing.
    await statement`set enable_seqscan = off`.execute(connection);
    for (const [name, { sql, parameters }] of statements) {
      const explain = CompiledQuery.raw(`explain ${sql}`, [...parameters]);
      const { rows } = await connection.executeQuery<{ 'QUERY PLAN': string }>(explain);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const isListed = name.startsWith('activations') || name.startsWith('entities');
      if (/Seq Scan/.test(plan) || (isListed && /^\s*(->\s*)?Sort {2}\(/m.test(plan))) scans.push(`${name}:\n${plan}`);
    }
  });
  expect(scans).toEqual([]);
  await under.database.destroy();
});

it('answers as the model of the queue does', async () => {
  const clock = new ManualClock();
  await answersAsTheModelDoes(clock, await postgresOf(server, clock), 25);
});
