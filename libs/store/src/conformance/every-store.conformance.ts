// All that every database's stores do: each suite of this folder, on one kind of database.
import { describeActivationStore } from './activation-store.conformance';
import { describeArtifactStore } from './artifact-store.conformance';
import { describeIncarnations } from './incarnations.conformance';
import { describeInvocationQueue } from './invocation-queue.conformance';
import { describeLogStore } from './log-store.conformance';
import { describeRetention } from './retention.conformance';
import { describeStores } from './stores.conformance';
import { describeSubjectStore } from './subject-store.conformance';
import { describeTriggerFires } from './trigger-fires.conformance';
import type { MakeUnderTest } from './under-test';

export function describeEveryStore(make: MakeUnderTest): void {
  describeArtifactStore(make);
  describeSubjectStore(make);
  describeActivationStore(make);
  describeInvocationQueue(make);
  describeTriggerFires(make);
  describeLogStore(make);
  describeIncarnations(make);
  describeRetention(make);
  describeStores(make);
}
