// The columns of an activation's record, in the order in which inserts name them.
import type { ActivationTable } from './tables';

const columns: Readonly<Record<keyof ActivationTable, true>> = {
  namespace: true,
  activation_id: true,
  accepted_at: true,
  start_at: true,
  end_at: true,
  name: true,
  package_name: true,
  status_code: true,
  summary: true,
  record: true,
};

export const activationColumns = Object.keys(columns) as readonly (keyof ActivationTable)[];
