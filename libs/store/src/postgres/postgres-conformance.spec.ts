// PostgreSQL passes every conformance suite, through its worker thread.
import { PostgresServer } from '../../../../test/support/postgres-server';
import { describeEveryStore } from '../conformance/every-store.conformance';
import { postgresUnderTest } from './postgres-under-test';

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.end());

  describeEveryStore(async () => postgresUnderTest(await server.makeDatabase()));
});
