// How a container is suspended: by its cgroup's freezer, or by runc where there is none that may be used. Chosen once for each container, since two
// ways on one container would undo each other.
import { z } from 'zod';
import { findFreezer } from '../freezer/find-freezer';
import { run } from '../host/command';

const stateSchema = z.object({ status: z.string() });

export interface Suspension {
  readonly name: string;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  isFrozen(): Promise<boolean>;
}

export interface RuncContainer {
  readonly name: string;
  readonly stateDirectory: string;
  readonly timeoutMs: number;
}

export async function chooseSuspension(pid: number, container: RuncContainer): Promise<Suspension> {
  return (await findFreezer(pid)) ?? new RuncPause(container);
}

/** By runc, which refuses to do what is done already. */
export class RuncPause implements Suspension {
  readonly name = 'runc';
  private isPaused: boolean | undefined;

  constructor(private readonly container: RuncContainer) {}

  async freeze(): Promise<void> {
    if (await this.isFrozen()) return;
    await this.runc('pause');
    this.isPaused = true;
  }

  async thaw(): Promise<void> {
    if (!(await this.isFrozen())) return;
    await this.runc('resume');
    this.isPaused = false;
  }

  /** Asked of runc once: a former life of the agent may have paused it. */
  async isFrozen(): Promise<boolean> {
    this.isPaused ??= stateSchema.parse(JSON.parse(await this.runc('state'))).status === 'paused';
    return this.isPaused;
  }

  private runc(verb: 'pause' | 'resume' | 'state'): Promise<string> {
    const { stateDirectory, name, timeoutMs } = this.container;
    return run('runc', ['--root', stateDirectory, verb, name], { timeoutMs });
  }
}
