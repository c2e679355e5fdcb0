// Bearer secrets between the apps: cluster secret (streams, heartbeat), agent token (REST), admin token (admin gRPC).
// Compared in constant time, by digest, so that neither content nor length shows in the time it takes.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A check that is made once for a secret and asked for each request. */
export function bearerCheck(secret: string): (authorization: string | undefined) => boolean {
  const expected = digest(`Bearer ${secret}`);
  return (authorization) => authorization !== undefined && timingSafeEqual(digest(authorization), expected);
}

export function bearerHeader(secret: string): string {
  return `Bearer ${secret}`;
}

export function bearerMetadata(secret: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', bearerHeader(secret));
  return metadata;
}

/** The authorization of a gRPC call, for the check. */
export function authorizationOf(metadata: Metadata): string | undefined {
  const [value] = metadata.get('authorization');
  return typeof value === 'string' ? value : undefined;
}
