// PostgreSQL databases of older schemas.
import { PostgresServer } from '../../../../test/support/postgres-server';
import { describeUpgrade } from '../conformance/upgrade.conformance';
import { postgresOf } from '../sql/database-under-test';

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.end());
  describeUpgrade(() => postgresOf(server));
});
