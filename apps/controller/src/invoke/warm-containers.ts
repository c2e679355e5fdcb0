// The warm container list: a controller's own containers by action key. Pure.
//
// Guarantees: `take` answers in amortised constant time a container that can be reserved, thawed before suspended, most recently used
// first (so that surplus ones become suspended and idle); a container is in the list of exactly one key. Entries that can no longer be
// reserved are skipped and forgotten when they come up, so nothing has to search the stacks.
import { Bag } from '#collections';
import type { ContainerProxy } from './container-proxy';
import type { KeyStatistics, RunStatistics } from './run-statistics';

/** The containers of one key; a container that is listed keeps a reference to its own, so that nothing is looked up with each run. */
export interface WarmKey<Waiter> {
  /** Stacks of which most keys need one, for one container; there as soon as they are used. */
  thawed: ContainerProxy<Waiter>[] | undefined;
  suspended: ContainerProxy<Waiter>[] | undefined;
  readonly owned: Bag<ContainerProxy<Waiter>>;
  readonly runs: KeyStatistics;
}

export class WarmContainers<Waiter> {
  private readonly keys = new Map<string, WarmKey<Waiter>>();
  private readonly byId = new Map<string, ContainerProxy<Waiter>>();

  constructor(private readonly statistics: RunStatistics) {}

  get size(): number {
    return this.byId.size;
  }

  all(): IterableIterator<ContainerProxy<Waiter>> {
    return this.byId.values();
  }

  find(containerId: string): ContainerProxy<Waiter> | undefined {
    return this.byId.get(containerId);
  }

  ownedOf(actionKey: string): number {
    return this.keys.get(actionKey)?.owned.size ?? 0;
  }

  /** What is known of this key's runs. */
  runsOf(actionKey: string): KeyStatistics | undefined {
    return this.keys.get(actionKey)?.runs ?? this.statistics.find(actionKey);
  }

  /** Whether this key has a container with code, now or soon able to run. */
  hasInitialised(actionKey: string): boolean {
    for (const proxy of this.keys.get(actionKey)?.owned ?? []) if (proxy.isInitialised) return true;
    return false;
  }

  add(proxy: ContainerProxy<Waiter>): void {
    const { id, actionKey } = proxy.container;
    if (this.byId.has(id)) throw new Error(`warm containers: ${id} is already listed`);
    this.byId.set(id, proxy);
    let key = this.keys.get(actionKey);
    if (!key) {
      const runs = this.statistics.take(actionKey);
      key = { thawed: undefined, suspended: undefined, owned: new Bag(), runs };
      this.keys.set(actionKey, key);
    }
    key.owned.add(proxy);
    proxy.warmKey = key;
    this.offer(proxy);
  }

  /** Puts it where `take` finds it, if it has a slot. Call after every step that may have freed one. */
  offer(proxy: ContainerProxy<Waiter>): void {
    if (proxy.listed || !proxy.canReserve()) return;
    const key = proxy.warmKey;
    if (!key) return;
    proxy.listed = true;
    // A literal of one has room for one; the first `push` to an empty one makes room for seventeen.
    if (proxy.isThawed) {
      if (key.thawed) key.thawed.push(proxy);
      else key.thawed = [proxy];
    } else if (key.suspended) key.suspended.push(proxy);
    else key.suspended = [proxy];
  }

  /** A container of this key with a free slot. The caller reserves it in the same step and offers it again if a slot is left. */
  take(actionKey: string): ContainerProxy<Waiter> | undefined {
    const key = this.keys.get(actionKey);
    if (!key) return undefined;
    return this.pop(key, key.thawed) ?? this.pop(key, key.suspended);
  }

  delete(proxy: ContainerProxy<Waiter>): void {
    const { id, actionKey } = proxy.container;
    if (this.byId.get(id) !== proxy) return;
    this.byId.delete(id);
    const key = proxy.warmKey;
    proxy.warmKey = undefined;
    if (!key?.owned.delete(proxy) || key.owned.size > 0) return;
    this.keys.delete(actionKey);
    this.statistics.rest(actionKey, key.runs);
  }

  private pop(key: WarmKey<Waiter>, stack: ContainerProxy<Waiter>[] | undefined): ContainerProxy<Waiter> | undefined {
    if (!stack) return undefined;
    for (let proxy = stack.pop(); proxy; proxy = stack.pop()) {
      proxy.listed = false;
      if (proxy.warmKey !== key || !proxy.canReserve()) continue;
      // It was suspended after it had been listed as thawed: thawed ones go first.
      if (stack === key.thawed && !proxy.isThawed) this.offer(proxy);
      else return proxy;
    }
    return undefined;
  }
}
