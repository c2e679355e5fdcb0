// PostgreSQL passes every conformance suite, through its worker thread.
import { PostgresServer } from '../../../../test/support/postgres-server';
import { describeActivationStore } from '../conformance/activation-store.conformance';
import { describeArtifactStore } from '../conformance/artifact-store.conformance';
import { describeIncarnations } from '../conformance/incarnations.conformance';
import { describeInvocationQueue } from '../conformance/invocation-queue.conformance';
import { describeLogStore } from '../conformance/log-store.conformance';
import { describeRetention } from '../conformance/retention.conformance';
import { describeStores } from '../conformance/stores.conformance';
import { describeSubjectStore } from '../conformance/subject-store.conformance';
import { describeTriggerFires } from '../conformance/trigger-fires.conformance';
import { postgresUnderTest } from './postgres-under-test';

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.end());

  const make = async () => postgresUnderTest(await server.makeDatabase());
  describeArtifactStore(make);
  describeSubjectStore(make);
  describeActivationStore(make);
  describeInvocationQueue(make);
  describeTriggerFires(make);
  describeLogStore(make);
  describeIncarnations(make);
  describeRetention(make);
  describeStores(make);
});
