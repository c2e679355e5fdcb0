// SQLite reads by index, and its queue answers as the model does.
import { CompiledQuery } from 'kysely';
import { ManualClock, systemClock } from '#clock';
import { dataStatements } from '../conformance/query-plans.conformance';
import { answersAsTheModelDoes } from '../conformance/queue-model.conformance';
import { sqliteInMemory } from '../sql/database-under-test';

it('reads by index', async () => {
  const { under, statements } = await dataStatements((log) => Promise.resolve(sqliteInMemory(systemClock, log)));
  const scans: string[] = [];
  for (const [name, { sql, parameters }] of statements) {
    const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await under.database.executeQuery<{ detail: string }>(explain);
    for (const { detail } of rows)
      if (/^SCAN|USE TEMP B-TREE FOR ORDER BY$/.test(detail)) scans.push(`${name}: ${detail}: ${sql}`);
  }
  expect(scans).toEqual([]);
  await under.database.destroy();
});

it('answers as the model of the queue does', async () => {
  const clock = new ManualClock();
  await answersAsTheModelDoes(clock, sqliteInMemory(clock), 200);
});
