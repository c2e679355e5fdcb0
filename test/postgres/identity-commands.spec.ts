import { describeIdentityCommands } from '../identity/commands';
import { PostgresServer } from '../support/postgres-server';

describe('hearth user and hearth limits, on PostgreSQL', () => {
  let postgres: PostgresServer;
  let url: string;
  beforeAll(async () => {
    postgres = await PostgresServer.start();
    url = await postgres.makeDatabase();
  });
  afterAll(() => postgres.end());
  describeIdentityCommands(() => url);
});
