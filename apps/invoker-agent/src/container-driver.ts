// The seam between the agent and what makes containers: `process` now, docker and runc later. container-driver.conformance.ts holds each
// of them to what is said here.
//
// A driver knows nothing of grants, leases or epochs, and decides nothing. The agent calls it for one container at a time in an order that
// makes sense (create, then the rest), but may ask twice for the same: every verb is idempotent.
import type { ContainerAddresses } from '#protocol';
import type { LogSource } from './logs/log-source';

export interface ContainerSpec {
  readonly id: string;
  readonly kind: string;
  readonly image?: string;
  readonly memoryMb: number;
  readonly concurrency: number;
  /** One of `addresses`; no other container has it. */
  readonly address: string;
}

/** What is left of the agent's former lives. */
export interface Recovered {
  /** Containers that run on, with all that the driver needs to know of them. */
  readonly running: readonly { id: string; state: 'running' | 'suspended'; addresses: ContainerAddresses }[];
  /** Containers that were found and had to be ended. */
  readonly ended: readonly { id: string; address: string }[];
}

export interface ContainerDriver {
  readonly name: string;
  /** Kinds that it can start on this machine. */
  readonly kinds: readonly string[];
  /** Whether it can start any image. */
  readonly blackbox: boolean;
  /** Every address that it could put a container at. The ledger chooses. */
  readonly addresses: readonly string[];

  /** Called once, before anything else: finds what former lives left, ends what cannot be taken over, and leaves nothing of that. */
  recover(): Promise<Recovered>;

  /**
   * Resolves once the container's server listens. Otherwise it rejects and nothing of the container is left: with AddressInUse, with CannotCreate,
   * after `timeoutMs` without a listener, or when the signal is aborted.
   */
  create(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<ContainerAddresses>;

  /** Afterwards nothing in the container runs until it is resumed. Its connections stay. */
  suspend(id: string): Promise<void>;
  resume(id: string): Promise<void>;

  /** How this container is suspended, where there are several ways; chosen once, for listings. */
  suspendedBy?(id: string): string | undefined;

  /**
   * Makes a container as new, wherever it stands, also one that was killed: nothing that ran in it, or that was written in it, is left, and its
   * output begins anew. Resolves once its server listens, at the same address. If it rejects, the container has ended. Left out by drivers that
   * isolate nothing, and so cannot say where an action has written.
   */
  wipe?(spec: ContainerSpec, timeoutMs: number): Promise<ContainerAddresses>;

  /** Ends all that runs in the container, also when it is suspended. Its output can still be read. Nothing to do for an unknown one. */
  kill(id: string): Promise<void>;
  /** Kills, and leaves nothing: no process, no file, no listener. Nothing to do for an unknown one. */
  remove(id: string): Promise<void>;

  /** Undefined for an unknown container. Readable until `remove`. */
  logs(id: string): LogSource | undefined;
  /**
   * Stops the container for a moment, lets `drain` read to the end, and frees what the output takes; position() is 0 afterwards. Answers false,
   * and changes nothing, if the container does not run.
   */
  emptyLogs(id: string, drain: () => Promise<void>): Promise<boolean>;

  /** Tells each container that ends without being asked to, once. */
  onExit(listener: (id: string, reason: string) => void): void;

  /** The agent stops. Containers that can outlive it may; of the others nothing is left. */
  close(): Promise<void>;
}

/** How the reason of an end begins that was for want of memory. */
export const outOfMemory = 'ran out of memory';

/** Something else uses the address; another may do. */
export class AddressInUse extends Error {
  constructor(
    readonly address: string,
    options?: ErrorOptions,
  ) {
    super(`${address} is in use by something that is no container of this agent.`, options);
    this.name = 'AddressInUse';
  }
}

/** The developer's fault, e.g. no such image; the text is for the activation. */
export class CannotCreate extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotCreate';
  }
}
