// How a standby names the leader: an address in the metadata of its FAILED_PRECONDITION.
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

export const leaderKey = 'hearth-leader';

/** Metadata that name the leader's address; empty if nobody knows it. */
export function leaderMetadata(address: string | undefined): Metadata {
  const metadata = new Metadata();
  if (address !== undefined) metadata.set(leaderKey, address);
  return metadata;
}

/** The leader that a failed call names, if it does. */
export function leaderHint(error: Partial<StatusObject>): string | undefined {
  if (error.code !== status.FAILED_PRECONDITION) return undefined;
  const [value] = error.metadata?.get(leaderKey) ?? [];
  return typeof value === 'string' ? value : undefined;
}
