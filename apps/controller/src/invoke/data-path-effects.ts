// What the load balancer hands to the world outside: the invocations that it knows, their proxies, and what is to be done with them.
import type { ContainerProxy } from './container-proxy';
import type { Forwardable } from './forwarding';
import type { OverflowWaiter } from './overflow';
import type { MeasuredRun } from './run-statistics';
import type { NodeUse } from './use-leases';

/** What the scheduler must know to make a container for a key. */
export interface KeyFacts {
  readonly kind: string;
  readonly image: string;
  readonly memoryMb: number;
  readonly concurrency: number;
  readonly logLimitMb: number;
  /** How much its namespace may run at once; 0 = no limit. */
  readonly namespaceConcurrency: number;
}

export interface Waiting extends OverflowWaiter, Forwardable, MeasuredRun {
  readonly facts: KeyFacts;
}

export type Proxy<Invocation> = ContainerProxy<Invocation> & { node?: NodeUse; grantedAt?: number };

/** Why waiters of a key are answered without a run. */
export interface KeyFailure {
  readonly class: 'developer' | 'whisk';
  /** JSON text of the result, e.g. `{"error":"…"}`. */
  readonly result: string;
  /** Bytes of the container's answer, undefined if there was none. */
  readonly size?: number;
}

/** What the shell does. Called synchronously inside a step, so implementations only start things. */
export interface DataPathEffects<Invocation> {
  init(proxy: Proxy<Invocation>, invocation: Invocation): void;
  run(proxy: Proxy<Invocation>, invocation: Invocation): void;
  suspend(proxy: Proxy<Invocation>, sequence: number): void;
  resume(proxy: Proxy<Invocation>, sequence: number): void;
  /** Its wait limit has passed, or it may not wait here. Nothing of it was run. */
  expired(invocation: Invocation): void;
  /** No container can be made for it. */
  failed(invocation: Invocation, failure: KeyFailure): void;
  /** The container left this controller: close its connections. */
  forgotten(proxy: Proxy<Invocation>): void;
  demandChanged(key: string): void;
  busied(proxy: Proxy<Invocation>): void;
  freed(proxy: Proxy<Invocation>): void;
  drained(containerId: string, grantId: string): void;
  kept(containerId: string, grantId: string): void;
  /** It failed; the scheduler has it removed. */
  removed(proxy: Proxy<Invocation>, reason: string): void;
}
