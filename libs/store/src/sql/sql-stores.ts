// All stores over one Kysely database: the same code for every database, in whatever thread it runs.
import type { ServedStores } from '../worker/messages';
import type { Differences } from './differences';
import { SqlActivationStore } from './sql-activation-store';
import { SqlArtifactStore } from './sql-artifact-store';
import { SqlIncarnations } from './sql-incarnations';
import { SqlInvocationQueue } from './sql-invocation-queue';
import { SqlLogStore } from './sql-log-store';
import { SqlSubjectStore } from './sql-subject-store';
import { SqlAlarms, SqlTriggerFires } from './sql-trigger-fires';
import type { Database } from './tables';

export function sqlStores(database: Database, differences: Differences): ServedStores {
  return {
    artifacts: new SqlArtifactStore(database, differences),
    subjects: new SqlSubjectStore(database),
    activations: new SqlActivationStore(database, differences),
    queue: new SqlInvocationQueue(database, differences),
    fires: new SqlTriggerFires(database, differences),
    alarms: new SqlAlarms(database, differences),
    logs: new SqlLogStore(database, differences),
    retention: differences.retention(database),
    incarnations: new SqlIncarnations(database, differences),
  };
}
