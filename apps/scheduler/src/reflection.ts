// gRPC reflection (v1 and v1alpha) on the admin port, so that grpcurl and its like need no proto files. It tells what proto/ says, and
// nothing of this cluster; so it needs no token.
import { dirname } from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { productFile } from '#config';

export function addReflection(server: Server): void {
  const adminProto = productFile('proto/admin.proto');
  const includeDirs = [dirname(adminProto)];
  new ReflectionService(loadSync([adminProto, healthProto], { includeDirs })).addToServer(server);
}
