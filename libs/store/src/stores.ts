// All stores of one database, opened together.
import type { ActivationStore } from './activation-store';
import type { ArtifactStore } from './artifact-store';
import type { Incarnations } from './incarnations';
import type { InvocationQueue } from './invocation-queue';
import type { LogStore } from './log-store';
import type { Retention } from './retention';
import type { SubjectStore } from './subject-store';
import type { Alarms, TriggerFires } from './trigger-fires';

export interface Stores {
  readonly artifacts: ArtifactStore;
  readonly subjects: SubjectStore;
  readonly activations: ActivationStore;
  readonly queue: InvocationQueue;
  readonly fires: TriggerFires;
  readonly alarms: Alarms;
  readonly logs: LogStore;
  readonly retention: Retention;
  readonly incarnations: Incarnations;
  /** How many statements this process has sent so far; the warm path must not move it before its reply. */
  queries(): number;
  /** Finishes what was sent, then closes. */
  close(): Promise<void>;
}
