// The command `hearth admin`: asks the leading scheduler over gRPC and prints what it says.
export { runAdmin, type Terminal } from './run-admin';
