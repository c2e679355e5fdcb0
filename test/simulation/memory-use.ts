// What containers cost in memory over time, and how much of it was used: a container works while a request is in it, and wastes its memory otherwise.
// Seen from the machines, from `begin` to `end`.
import type { RunningContainer } from './machine';
import type { World } from './world';

export class MemoryUse {
  /** Megabyte-milliseconds. */
  held = 0;
  worked = 0;
  private beganAt = 0;
  private isOn = false;
  private readonly bornAt = new Map<RunningContainer, number>();
  private readonly busyAt = new Map<RunningContainer, number>();

  constructor(private readonly world: World) {
    for (const { machine } of world.agents) machine.watcher = this;
  }

  begin(): void {
    this.isOn = true;
    this.beganAt = this.world.queue.now;
  }

  end(): void {
    for (const container of [...this.busyAt.keys()]) this.rests(container);
    for (const container of [...this.bornAt.keys()]) this.ended(container);
    this.isOn = false;
  }

  get wastedShare(): number {
    return this.held === 0 ? 0 : 1 - this.worked / this.held;
  }

  /** Gigabyte-seconds that were held and not worked in. */
  get wastedGbS(): number {
    return (this.held - this.worked) / 1_024 / 1_000;
  }

  // ---- what machines tell ----

  born(container: RunningContainer): void {
    this.bornAt.set(container, this.world.queue.now);
  }

  works(container: RunningContainer): void {
    this.busyAt.set(container, this.world.queue.now);
  }

  rests(container: RunningContainer): void {
    this.worked += this.since(this.busyAt.get(container)) * container.memoryMb;
    this.busyAt.delete(container);
  }

  ended(container: RunningContainer): void {
    if (this.busyAt.has(container)) this.rests(container);
    this.held += this.since(this.bornAt.get(container)) * container.memoryMb;
    this.bornAt.delete(container);
  }

  private since(at: number | undefined): number {
    return this.isOn && at !== undefined ? this.world.queue.now - Math.max(at, this.beganAt) : 0;
  }
}
