// The scenarios of `npm run bench`, in the order in which they are measured. Each says what it is about, whether the quick bench has it (`isQuick`), whether any API host can be
// measured by it (`anyHost`), the names of its targets, and how it is run: it answers rows, targets, charts and notes.
import { churn } from './churn.mjs';
import { coldRates } from './cold-rates.mjs';
import { firstCalls } from './first-calls.mjs';
import { idleMemory } from './idle-memory.mjs';
import { hundredActions, tenActions } from './many-actions.mjs';
import { neighbours } from './neighbours.mjs';
import { oneConnection } from './one-connection.mjs';
import { overload } from './overload.mjs';
import { soak } from './soak.mjs';
import { throughput } from './throughput.mjs';
import { wake } from './wake.mjs';

export const scenarios = [
  throughput,
  oneConnection,
  tenActions,
  hundredActions,
  churn,
  firstCalls,
  coldRates,
  wake,
  overload,
  neighbours,
  idleMemory,
  soak,
];
