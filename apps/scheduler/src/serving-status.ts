// grpc.health.v1 on the admin port: whether this scheduler is of use, and whether it is the one to ask.
//
// '' serves while it leads or stands by behind a known leader, and does not while it is starting or finds neither leader nor lock.
// 'hearth.admin.v1.Admin' serves while it leads. Neither needs the token, and neither tells more than this.
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';
import type { Server } from '@grpc/grpc-js';
import { admin } from '#protocol';
import type { Role } from './scheduling';

/** The name of the admin service, as gRPC's health and reflection know it. */
export const adminServiceName = admin.AdminService.getLeader.path.split('/')[1]!;

export function servingStatuses(role: Role): Record<string, ServingStatus> {
  return {
    '': role === 'candidate' ? 'NOT_SERVING' : 'SERVING',
    [adminServiceName]: role === 'leader' ? 'SERVING' : 'NOT_SERVING',
  };
}

export class ServingStatuses {
  private readonly health = new HealthImplementation(servingStatuses('candidate'));

  addTo(server: Server): void {
    this.health.addToServer(server);
  }

  tell(role: Role): void {
    for (const [service, status] of Object.entries(servingStatuses(role))) this.health.setStatus(service, status);
  }
}
