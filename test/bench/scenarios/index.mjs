// The scenarios of `npm run bench`, in the order in which they are measured. Each says what it is about, whether the quick bench has it (`isQuick`), whether any API host can be
// measured by it (`anyHost`), the names of its targets, and how it is run: it answers rows, targets, charts and notes.
import { idleMemory } from './idle-memory.mjs';
import { oneConnection } from './one-connection.mjs';
import { throughput } from './throughput.mjs';

export const scenarios = [throughput, oneConnection, idleMemory];
