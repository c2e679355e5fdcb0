// All tables, in the order of the contract; throttles last, since they spend a minute's quota.
import { actionExecTables } from './action-exec.table';
import { actionPartTables } from './action-parts.table';
import { activationTables } from './activations.table';
import { clientTables } from './clients.table';
import { conductorTables } from './conductors.table';
import { credentialTables } from './credentials.table';
import { infoTables } from './info.table';
import { invokeTables } from './invoke.table';
import { nameTables } from './names.table';
import { outcomeTables } from './outcomes.table';
import { packageTables } from './packages.table';
import { rightTables } from './rights.table';
import type { Table } from './row';
import { ruleTables } from './rules.table';
import { sequenceTables } from './sequences.table';
import { throttleTables } from './throttles.table';
import { triggerTables } from './triggers.table';
import { webArgumentTables } from './web-arguments.table';
import { webResultTables } from './web-results.table';
import { webRoutingTables } from './web-routing.table';

export const tables: readonly Table[] = [
  infoTables,
  nameTables,
  actionExecTables,
  actionPartTables,
  invokeTables,
  outcomeTables,
  activationTables,
  packageTables,
  rightTables,
  triggerTables,
  ruleTables,
  sequenceTables,
  conductorTables,
  webRoutingTables,
  webArgumentTables,
  webResultTables,
  credentialTables,
  clientTables,
  throttleTables,
].flat();
