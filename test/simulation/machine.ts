// The machine under an agent: its disk, and the containers that run on it. Both outlive the agent's process; what a container does not
// outlive is its own end. Code, runs and frozen time are here; who may do what is the agent's ledger's business.
import type { AgentContainerState, Cordon } from '#protocol';
import type { StoredNote } from '../../apps/invoker-agent/src/ledger/stored-note';
import type { Effect } from '../../apps/invoker-agent/src/ledger/verdict';
import { Cores } from './cores';
import type { Course } from './invocation';
import { numberAtEnd } from './numbers';
import type { Promises } from './promises';
import type { BusyShares } from './timings';
import type { World } from './world';

/** What a controller sends to an address, hoping that it is its container. */
export interface ContainerRequest {
  readonly verb: 'init' | 'run';
  readonly containerId: string;
  readonly grantId: string;
  readonly key: string;
  readonly activation: string;
  /** Of the invocation, for whoever measures. */
  readonly course: Course;
  /** `controller/incarnation` */
  readonly sender: string;
  readonly takesMs: number;
  /** What of that is more than the work that was asked for. */
  readonly overheadMs: number;
  /** Its container ends half-way. */
  readonly kills?: boolean;
  /** How often a run of this activation may be begun. */
  readonly attemptsMost: number;
  /** Of an init. */
  readonly fails: boolean;
  /** Whether the sender still waits for the answer. */
  isAwaited(): boolean;
  answer(outcome: 'ok' | 'failed' | 'refused' | 'reset'): void;
}

export interface RunningContainer {
  readonly id: string;
  /** Of all that are begun in this world, from 0 on. */
  readonly number: number;
  readonly address: string;
  readonly memoryMb: number;
  readonly bornAt: number;
  isFrozen: boolean;
  isGone: boolean;
  /** Its note on the machine's disk. */
  noted: StoredNote | undefined;
  /** The action key whose code was loaded. */
  code: string | undefined;
  /** In the order of their begin; few. */
  working: readonly ContainerRequest[];
  /** Since when it works, for whoever measures; NaN: it rests. Always a number, which is then changed in its place. */
  workedFrom: number;
  /** What arrived while it was frozen, and what a freeze interrupted. */
  parked: readonly (() => void)[];
}

/** Of most containers most of the time, so it is one for all. */
const nothing: readonly never[] = [];

export interface ContainerWatcher {
  works(container: RunningContainer): void;
  rests(container: RunningContainer): void;
  ended(container: RunningContainer): void;
}

interface Disk {
  epoch: bigint;
  longestLeaseMs: number;
  incarnation: bigint;
  cordon: Cordon;
  cordonNumber: number;
  readonly notes: Map<string, StoredNote>;
}

export class Machine {
  readonly disk: Disk = {
    epoch: 0n,
    longestLeaseMs: 0,
    incarnation: 0n,
    cordon: 'open',
    cordonNumber: 0,
    notes: new Map(),
  };
  readonly containers = new Map<string, RunningContainer>();
  /** Told what containers do, if somebody measures. */
  watcher: ContainerWatcher | undefined;
  /** Where processor time is simulated. */
  readonly cores: Cores | undefined;
  private usedTotalMb = 0;
  /** By the number that their addresses end with. */
  private readonly listening: (RunningContainer | undefined)[] = [];

  constructor(
    private readonly world: World,
    readonly nodeId: string,
    readonly memoryMb: number,
    private readonly promises: Promises,
  ) {
    const { busy } = world.timings;
    this.cores = busy && new Cores(world.queue, busy.cores);
  }

  store(effects: readonly Effect[]): void {
    const { disk } = this;
    for (const effect of effects) {
      if (effect.store === 'epoch') disk.epoch = effect.epoch;
      else if (effect.store === 'longest-lease') disk.longestLeaseMs = effect.leaseMs;
      else if (effect.store === 'cordon') Object.assign(disk, { cordon: effect.cordon, cordonNumber: effect.number });
      else if (effect.store === 'note') {
        disk.notes.set(effect.note.id, effect.note);
        this.note(effect.note.id, effect.note);
      } else if (disk.notes.delete(effect.id)) this.note(effect.id, undefined);
    }
  }

  private note(id: string, noted: StoredNote | undefined): void {
    const container = this.containers.get(id);
    if (container) container.noted = noted;
  }

  get usedMb(): number {
    return this.usedTotalMb;
  }

  begin(id: string, address: string, memoryMb: number): void {
    const container: RunningContainer = {
      id,
      number: this.world.nextContainer(),
      address,
      memoryMb,
      bornAt: this.world.queue.now,
      isFrozen: false,
      isGone: false,
      noted: this.disk.notes.get(id),
      code: undefined,
      working: nothing,
      workedFrom: NaN,
      parked: nothing,
    };
    this.promises.addressIsFree(this.listening[numberAtEnd(address)], container);
    this.containers.set(id, container);
    this.usedTotalMb += memoryMb;
    this.listening[numberAtEnd(address)] = container;
    this.promises.memoryHolds(this);
  }

  /** SIGKILL: what ran in it breaks. */
  end(id: string): void {
    const container = this.containers.get(id);
    if (!container) return;
    this.containers.delete(id);
    this.usedTotalMb -= container.memoryMb;
    this.watcher?.ended(container);
    const port = numberAtEnd(container.address);
    if (this.listening[port] === container) this.listening[port] = undefined;
    container.isGone = true;
    const { working } = container;
    container.working = nothing;
    for (const request of working) request.answer('reset');
    // Those that never got in see the connection end; nothing of them was read.
    this.goOn(container);
  }

  freeze(id: string): void {
    const container = this.containers.get(id);
    if (!container) return;
    this.promises.mayFreeze(container);
    container.isFrozen = true;
  }

  thaw(id: string): void {
    const container = this.containers.get(id);
    if (!container) return;
    container.isFrozen = false;
    this.goOn(container);
  }

  private goOn(container: RunningContainer): void {
    const { parked } = container;
    container.parked = nothing;
    for (const go of parked) go();
  }

  stateOf(id: string): AgentContainerState {
    return this.containers.get(id)?.isFrozen ? 'suspended' : 'running';
  }

  /** A request arrives at an address of this machine. */
  receive(address: string, request: ContainerRequest): void {
    const container = this.listening[numberAtEnd(address)];
    if (!container) return request.answer('refused');
    this.promises.mayRunIn(container, request);
    this.serve(container, request);
  }

  private serve(container: RunningContainer, request: ContainerRequest): void {
    if (container.isGone) return request.answer('reset');
    if (container.isFrozen) {
      container.parked = [...container.parked, () => this.serve(container, request)];
      return;
    }
    if (this.world.transcript.isOn)
      this.world.transcript.say(container.id, `${request.verb} ${request.activation} for ${request.key}`);
    if (request.verb === 'init') {
      this.promises.mayInit(container, request);
      container.code = request.key;
    } else {
      this.promises.begun(request);
      request.course.container = container.number;
    }
    const { working } = container;
    if (working.length === 0) this.watcher?.works(container);
    container.working = working.length === 0 ? [request] : [...working, request];
    const { queue } = this.world;
    const { takesMs, overheadMs } = request;
    if (request.kills === true) {
      queue.after(takesMs / 2, () => this.world.agent(this.nodeId).crash(container.id));
    } else {
      this.spend(request.verb, overheadMs, takesMs - overheadMs, () => this.finish(container, request));
    }
  }

  /** Calls back after `ms`, or later where others are at work, too, and after `restMs` more, which nobody disturbs. */
  spend(on: Exclude<keyof BusyShares, 'cores' | 'way' | 'hop'>, ms: number, restMs: number, done: () => void): void {
    const { queue, timings } = this.world;
    if (!this.cores) queue.after(ms + restMs, done);
    else this.cores.take(ms, timings.busy![on], () => (restMs > 0 ? queue.after(restMs, done) : done()));
  }

  private finish(container: RunningContainer, request: ContainerRequest): void {
    const { working } = container;
    if (!working.includes(request)) return;
    if (container.isFrozen) {
      container.parked = [...container.parked, () => this.finish(container, request)];
      return;
    }
    container.working = working.length === 1 ? nothing : working.filter((other) => other !== request);
    if (container.working.length === 0) this.watcher?.rests(container);
    request.answer(request.fails ? 'failed' : 'ok');
  }
}
