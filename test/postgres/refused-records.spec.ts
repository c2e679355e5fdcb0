// What PostgreSQL refuses for good.
import { openPostgresStores } from '#store';
import { describeRefusedRecords } from '../../apps/controller/src/invoke/refused-records.conformance';
import { PostgresServer } from '../support/postgres-server';

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.end());

  describeRefusedRecords(async () => openPostgresStores({ databaseUrl: await server.makeDatabase() }));
});
