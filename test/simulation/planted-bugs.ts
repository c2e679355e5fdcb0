// Bugs that are planted in the real code, one at a time, to see that the simulation finds each: a search that finds nothing says only as much
// as what it would have found. Nothing in the product knows of them; a method is replaced for as long as a search runs.
import { UseLeases as ControllersUseLeases } from '../../apps/controller/src/invoke/use-leases';
import { ClaimWindow } from '../../apps/controller/src/invoke/claim-window';
import { ContainerProxy } from '../../apps/controller/src/invoke/container-proxy';
import { LoadBalancer } from '../../apps/controller/src/invoke/load-balancer';
import { Settlement } from '../../apps/controller/src/invoke/settlement';
import { ShareStates } from '../../apps/controller/src/invoke/share-states';
import { AddressBook } from '../../apps/invoker-agent/src/ledger/address-book';
import { EpochFence } from '../../apps/invoker-agent/src/ledger/epoch-fence';
import { Ledger } from '../../apps/invoker-agent/src/ledger/ledger';
import { Asks } from '../../apps/scheduler/src/core/asks';
import { Claims } from '../../apps/scheduler/src/core/claims';
import { Containers } from '../../apps/scheduler/src/core/containers';
import { Grants } from '../../apps/scheduler/src/core/grants';
import { Leadership } from '../../libs/lease/src/leadership';
import { Store } from './store';

export interface PlantedBug {
  readonly name: string;
  readonly what: string;
  /** Seeds from 1 on within which a broken promise is found. */
  readonly withinSeeds: number;
  /** Answers how to take it out again. */
  plant(): () => void;
}

// Internals are reached on purpose, so their types are given up here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Anything = any;
type Method = (this: Anything, ...given: Anything[]) => unknown;

/** Replaces a method; `patched` gets the original, bound to the object. */
function replace(
  owner: { readonly prototype: object },
  name: string,
  patched: (self: Anything, original: (...given: Anything[]) => Anything, given: Anything[]) => unknown,
): () => void {
  const prototype = owner.prototype as Record<string, Method>;
  const original = prototype[name];
  if (typeof original !== 'function') throw new Error(`there is no method ${name} to plant a bug in`);
  prototype[name] = function (this: Anything, ...given: Anything[]): unknown {
    return patched(this, original.bind(this), given);
  };
  return () => {
    prototype[name] = original;
  };
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'stale-epoch',
    what: 'an agent obeys a scheduler whose epoch is over',
    withinSeeds: 150,
    plant: () =>
      replace(EpochFence, 'admit', (fence, admit, [epoch]) =>
        epoch < fence.highest ? { raised: false } : admit(epoch),
      ),
  },
  {
    name: 'drained-while-reserved',
    what: 'a controller gives a container back in which something is reserved',
    withinSeeds: 10,
    plant: () =>
      replace(ContainerProxy, 'reclaim', (proxy) => {
        if (proxy.state === 'removed') return false;
        proxy.become('removed');
        return true;
      }),
  },
  {
    name: 'orphan-given-away',
    what: 'a container of a dead incarnation is given to somebody else instead of being removed',
    withinSeeds: 40,
    plant: () =>
      replace(Claims, 'orphan', (claims, _orphan, [container]) => {
        if (['creating', 'binding', 'removing', 'parked'].includes(container.state)) return;
        container.isInitialised = true;
        claims.containers.become(container, 'parked', 'orphan', () => claims.containers.disown(container));
        claims.context.unsettledNodes.add(container.node);
      }),
  },
  {
    name: 'memory-freed-twice',
    what: 'the memory of a container that is gone counts as free twice',
    withinSeeds: 5,
    plant: () =>
      replace(Containers, 'forget', (containers, forget, [container]) => {
        forget(container);
        if (container.node.usedMb >= container.memoryMb) container.node.usedMb -= container.memoryMb;
        containers.nodes.changed(container.node);
      }),
  },
  {
    name: 'lost-wake-up',
    what: 'a container that became free is listed, and nobody who waits for it is woken',
    withinSeeds: 5,
    plant: () =>
      replace(LoadBalancer, 'handOver', (balancer, _handOver, [proxy, now]) => {
        balancer.warm.offer(proxy);
        if (proxy.isBusy || proxy.state === 'removed') return;
        balancer.effects.freed(proxy);
        if (proxy.state === 'ready') balancer.idle.add(proxy, balancer.limits.suspendGraceMs, now);
      }),
  },
  {
    name: 'use-lease-from-answer',
    what: 'a controller counts its use lease from when the answer came, not from when it asked',
    withinSeeds: 200,
    plant: () =>
      replace(ControllersUseLeases, 'renewed', (_leases, renewed, [node, now]) => {
        node.askedAt = now;
        return renewed(node, now);
      }),
  },
  {
    name: 'resume-races-suspend',
    what: 'a run that arrives while its container is being suspended is sent at once',
    withinSeeds: 60,
    plant: () =>
      replace(ContainerProxy, 'reserve', (proxy, reserve, [waiter]) => {
        if (proxy.state !== 'suspending' || !proxy.canReserve()) return reserve(waiter);
        proxy.reservations = (proxy as ContainerProxy<unknown>).inFlight + 1;
        proxy.current = 'running';
        return 'run';
      }),
  },
  {
    name: 'promise-forgotten',
    what: 'an activation whose client has its id already ends without a record when no container comes',
    withinSeeds: 40,
    plant: () =>
      replace(Settlement, 'expired', (_settlement, expired) => {
        const verdict = expired();
        return verdict === 'record' ? 'unavailable' : verdict;
      }),
  },
  {
    name: 'lost-is-refused',
    what: 'a forwarded activation of which nobody knows whether it ran waits here again',
    withinSeeds: 60,
    plant: () =>
      replace(LoadBalancer, 'forwardEnded', (_balancer, forwardEnded, [invocation, address, end, now]) =>
        forwardEnded(invocation, address, end === 'lost' ? 'refused' : end, now),
      ),
  },
  {
    name: 'claim-not-compared',
    what: 'a row is started by whoever had claimed it once, though another has taken it over',
    withinSeeds: 250,
    plant: () =>
      replace(Store, 'start', (store, start, given) => {
        const [, activation] = given;
        const row = store.rows.get(activation);
        return row?.state === 'started' || start(...given);
      }),
  },
  {
    name: 'leads-on',
    what: 'a leader counts its lease from when the answer came, not from when it asked',
    withinSeeds: 120,
    plant: () =>
      replace(Leadership, 'handle', (_leadership, handle, [input, nowMs]) =>
        handle('askedMs' in input ? { ...input, askedMs: nowMs } : input, nowMs),
      ),
  },
  {
    name: 'grant-before-note',
    what: 'a grant is sent before the agent has noted its receiver',
    withinSeeds: 10,
    plant: () =>
      replace(Grants, 'askBind', (grants, askBind, [container, note]) => {
        askBind(container, note);
        grants.give(container, 'bound');
      }),
  },
  {
    name: 'silence-is-consent',
    what: 'an owner that does not answer in time has agreed to a removal',
    withinSeeds: 60,
    plant: () =>
      replace(Asks, 'kept', (asks, kept, [container, why]) =>
        why === 'no answer by the deadline' && container.state === 'reclaiming'
          ? asks.drained(container)
          : kept(container, why),
      ),
  },
  {
    name: 'address-at-once',
    what: 'the address of a container that ended without its owner is used again at once',
    withinSeeds: 600,
    plant: () => replace(AddressBook, 'quarantine', (book, _quarantine, [address]) => book.give(address)),
  },
  {
    name: 'two-inits',
    what: 'a container without code takes as many runs as one with code',
    withinSeeds: 20,
    plant: () =>
      replace(
        ContainerProxy,
        'canReserve',
        (proxy, canReserve) =>
          canReserve() ||
          (proxy.state === 'starting' && !proxy.retired && proxy.inFlight < proxy.container.concurrency),
      ),
  },
  {
    name: 'demand-not-repeated',
    what: 'a controller tells of a demand once on each stream, and of no change',
    withinSeeds: 5,
    plant: () => {
      const told = new WeakMap<object, Set<string>>();
      return replace(ShareStates, 'demandChanged', (states, demandChanged, [key, now]) => {
        const known = told.get(states) ?? new Set();
        told.set(states, known);
        const once = `${states.generation} ${key}`;
        if (known.has(once)) return;
        known.add(once);
        demandChanged(key, now);
      });
    },
  },
  {
    name: 'row-kept-in-hand',
    what: 'a row that has ended counts as one that is in hand',
    withinSeeds: 10,
    plant: () => replace(ClaimWindow, 'done', () => undefined),
  },
  {
    name: 'orphan-too-early',
    what: 'an agent removes an orphan though the use lease of its owner lives',
    withinSeeds: 250,
    plant: () =>
      replace(Ledger, 'remove', (_ledger, remove, [epoch, id, command, now]) =>
        remove(epoch, id, command.reason === 'orphan' ? { ...command, reason: 'failed' } : command, now),
      ),
  },
];
