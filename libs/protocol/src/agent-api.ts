// The agent's REST routes: shapes of requests and answers, in one place for the agent that serves them and for the scheduler and
// controllers that call them (architecture, section 5).
//
// Every route but /health needs `Authorization: Bearer <agent token>`. Commands of the scheduler carry the header
// `x-hearth-epoch: <decimal>`; a lower one than the agent has stored is refused with 409 `stale-epoch` and the higher value, a
// higher one is stored before the command is obeyed. 64-bit numbers are decimal strings in JSON.
import { z } from 'zod';

export const epochHeader = 'x-hearth-epoch';

const decimal = z.string().regex(/^\d{1,19}$/);
const containerId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const activationId = z.string().regex(/^[0-9a-f]{32}$/);
const grant = z.string().regex(/^\d{1,19}\.\d{1,15}$/);

/** What the agent keeps about a container's owner, on its disk. */
export const noteSchema = z.object({
  /** Controller id of the owner. */
  owner: z.string().min(1).max(256),
  /** Its incarnation. */
  incarnation: decimal,
  actionKey: z.string().min(1).max(2_048),
  /** Invocation namespace; log rows carry it. */
  namespace: z.string().min(1).max(256),
  grantId: grant,
  epoch: decimal,
  /** The action's log limit. */
  logLimitMb: z.number().int().min(0).max(1_024),
});
export type Note = z.infer<typeof noteSchema>;

/** POST /containers. Idempotent by id: the same id answers with what is there. */
export const createContainerSchema = z.object({
  id: containerId,
  kind: z.string().min(1).max(256),
  /** Only for kind `blackbox`. */
  image: z.string().min(1).max(1_024).optional(),
  memoryMb: z.number().int().min(1).max(1_048_576),
  /** How many /run at once. */
  concurrency: z.number().int().min(1).max(10_000),
  /** Absent: a stem cell, "never bound". */
  note: noteSchema.optional(),
});
export type CreateContainer = z.infer<typeof createContainerSchema>;

/** Where a container can be reached; what is not offered is absent. */
export interface ContainerAddresses {
  /** host:port of the container itself. */
  container?: string;
  /** host:port published on the node. */
  published?: string;
  /** host:port of the agent itself, which tunnels to the container: CONNECT with the container's id, and the agent token. */
  proxy?: string;
  /** Path of a Unix socket on the node. */
  unixSocket?: string;
}

/** Answer 201 to POST /containers. The container's server listens. */
export interface CreatedContainer {
  id: string;
  addresses: ContainerAddresses;
}

/** PUT /containers/:container/bind, answered 204, or with `wipe` as a creation is, but 200; 404 unknown; 409 `stale-grant` when the grant id is not greater than the noted one. */
export const bindSchema = z.object({
  note: noteSchema,
  /** It ran another action of the same namespaces: it is wiped first, and the answer comes once its server listens again. */
  wipe: z.boolean().optional(),
});
export type Bind = z.infer<typeof bindSchema>;

/** DELETE /containers/:container names the grant that it ends and why, in its JSON body. */
export const removalReasons = ['drained', 'failed', 'disowned', 'unbound', 'orphan'] as const;
export type RemovalReason = (typeof removalReasons)[number];
export const removeSchema = z.object({
  /** Absent for a container that was never bound. */
  grantId: grant.optional(),
  reason: z.enum(removalReasons),
  /** The activation that failed with it, if the sender knows: output that no sentinel has ended is its, and its log says that it failed. */
  activationId: activationId.optional(),
});
export type Remove = z.infer<typeof removeSchema>;

export type AgentContainerState = 'creating' | 'running' | 'suspended' | 'exited' | 'removing';

/** One row of GET /containers and of the inventory. */
export interface AgentContainer {
  id: string;
  kind: string;
  image?: string;
  memoryMb: number;
  concurrency: number;
  state: AgentContainerState;
  /** Absent: never bound. */
  note?: Note;
  addresses: ContainerAddresses;
  /** How it is suspended, once it was: `cgroup-v1`, `cgroup-v2`, or the engine's own way. For operators. */
  suspendedBy?: string;
}

/** Answer to GET /containers. With the epoch header it is the inventory that a new leader needs before it uses the node. */
export interface Inventory {
  nodeId: string;
  incarnation: string;
  epoch: string;
  memoryMb: number;
  containers: AgentContainer[];
  /** Incarnations whose use lease here has lapsed. */
  lapsed: { controllerId: string; incarnation: string }[];
}

/** PUT /leases/:controller/:incarnation */
export const leaseSchema = z.object({ leaseMs: z.number().int().min(1).max(3_600_000) });
export type LeaseRequest = z.infer<typeof leaseSchema>;

/** Answer 200: every living container whose note names that incarnation. */
export interface LeaseReply {
  containers: { container: string; grantId: string; state: AgentContainerState }[];
}

/** Body of POST (or query of GET) /suspend/:container and /resume/:container. Sequence numbers start at 1 with each grant. */
export const suspendSchema = z.object({ grantId: grant, sequence: z.coerce.number().int().min(1) });
export type SuspendRequest = z.infer<typeof suspendSchema>;

/** Body of POST (or query of GET) /log/:container. */
export const logSchema = z.object({
  activationId,
  limitMb: z.coerce.number().int().min(0).optional(),
  /** It ended as a developer error: output that no sentinel has ended is its, and its log ends with the line that says so. */
  failed: z.stringbool().or(z.boolean()).optional(),
});
export type LogRequest = z.infer<typeof logSchema>;

/** Whether a node takes new containers, and, when it does not, whether those that it has are to go. */
export type Cordon = 'open' | 'cordoned' | 'draining';

/** PUT /cordon. The agent keeps it on disk and tells it in its heartbeats; what follows from it is the scheduler's. */
export const cordonSchema = z.object({ cordoned: z.boolean(), draining: z.boolean().default(false) });

/** Answer 200 to PUT /cordon: how many there were. Heartbeats carry it, too, so that an older one does not undo the order. */
export const cordonReplySchema = z.object({ number: z.number().int().min(0) });
export type CordonReply = z.infer<typeof cordonReplySchema>;

/** As heartbeats and the agent's file say it. */
export const cordonFlags = (cordon: Cordon): { cordoned: boolean; draining: boolean } => ({
  cordoned: cordon !== 'open',
  draining: cordon === 'draining',
});

export function cordonOf({ cordoned, draining }: { cordoned: boolean; draining: boolean }): Cordon {
  if (!cordoned) return 'open';
  return draining ? 'draining' : 'cordoned';
}

/** Answer 200 to /log/:container; 204 if there is nothing. */
export interface LogReply {
  activationId: string;
  lines: number;
  bytes: number;
  truncated: boolean;
  complete: boolean;
}

/** Answer 200 to GET /ending/:container, also for one that is not known: whether it has ended, and whether for want of memory. */
export interface EndingReply {
  ended: boolean;
  outOfMemory: boolean;
}

export const agentErrorCodes = [
  'bad-request', // 400: the body or query does not fit its schema
  'unauthorized', // 401
  'unknown-container', // 404
  'unknown-route', // 404
  'stale-epoch', // 409: the agent has stored a higher epoch, given in `epoch`
  'stale-grant', // 409: another grant id is noted
  'stale-sequence', // 409: a higher sequence number was seen
  'lease-lives', // 409: an orphan's controller still has a use lease
  'superseded', // 409: a higher incarnation of this controller is known
  'removed', // 409: this id has a tombstone
  'no-capacity', // 409: memory or addresses are used up
  'cannot-create', // 400: the developer's fault, e.g. no such image; text is for the activation
  'driver-failed', // 500: the driver could not do it
  'timeout', // 500: the driver did not finish in time; nothing is known
] as const;
export type AgentErrorCode = (typeof agentErrorCodes)[number];

/** Body of every answer of 400 and above. */
export interface AgentError {
  error: string;
  code: AgentErrorCode;
  /** With stale-epoch: the epoch that the agent has stored. */
  epoch?: string;
}
