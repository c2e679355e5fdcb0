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

  constructor(private readonly world: World) {
    for (const { machine } of world.agents) machine.watcher = this;
  }

  begin(): void {
    this.isOn = true;
    this.beganAt = this.world.queue.now;
  }

  end(): void {
    for (const { machine } of this.world.agents)
      for (const container of machine.containers.values()) this.ended(container);
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

  works(container: RunningContainer): void {
    container.workedFrom = this.world.queue.now;
  }

  rests(container: RunningContainer): void {
    this.worked += this.since(container.workedFrom) * container.memoryMb;
    container.workedFrom = NaN;
  }

  ended(container: RunningContainer): void {
    this.rests(container);
    this.held += this.since(container.bornAt) * container.memoryMb;
  }

  /** 0 for NaN. */
  private since(at: number): number {
    return this.isOn && !Number.isNaN(at) ? this.world.queue.now - Math.max(at, this.beganAt) : 0;
  }
}
