// The commands `hearth user` and `hearth limits`: who may, and how much, as wskadmin has it.
export { runIdentity } from './run-identity';
