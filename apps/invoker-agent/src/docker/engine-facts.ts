// What the engine knows of a container, from its own state file: a tenth of a millisecond where the API takes milliseconds, and seconds under
// load. Where the file cannot be read, the API is asked; engine-facts.spec holds both to the same answer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from './engine';

export interface Facts {
  readonly pid: number;
  readonly isRunning: boolean;
  /** By the engine itself; it does not see a frozen cgroup. */
  readonly isPaused: boolean;
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
  /** By network. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** The files of an engine, as this process sees them. */
const stateFile = z.object({
  State: z.object({
    Pid: z.number(),
    Running: z.boolean(),
    Paused: z.boolean(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
  }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })).nullable() }),
});

export class EngineFacts {
  constructor(
    private readonly engine: Engine,
    /** DockerRootDir. */
    private readonly directory: string,
  ) {}

  /** Undefined for a container that the engine does not have. */
  async of(engineId: string): Promise<Facts | undefined> {
    return this.fromFile(engineId) ?? (await this.fromApi(engineId));
  }

  logPath(engineId: string): string {
    return join(this.directory, 'containers', engineId, `${engineId}-json.log`);
  }

  /** Undefined where there is no file that we understand. */
  fromFile(engineId: string): Facts | undefined {
    const read = readJson(join(this.directory, 'containers', engineId, 'config.v2.json'));
    const parsed = stateFile.safeParse(read);
    return parsed.success ? toFacts(parsed.data.State, parsed.data.NetworkSettings.Networks) : undefined;
  }

  async fromApi(engineId: string): Promise<Facts | undefined> {
    const inspected = await this.engine.inspect(engineId);
    return inspected && toFacts(inspected.State, inspected.NetworkSettings.Networks);
  }
}

function toFacts(
  state: z.infer<typeof stateFile>['State'],
  networks: Readonly<Record<string, { IPAddress: string }>> | null,
): Facts {
  return {
    pid: state.Pid,
    isRunning: state.Running,
    isPaused: state.Paused,
    exitCode: state.ExitCode,
    isOutOfMemory: state.OOMKilled,
    addresses: Object.fromEntries(Object.entries(networks ?? {}).map(([name, { IPAddress }]) => [name, IPAddress])),
  };
}

const unreadable = new Set<string | undefined>(['ENOENT', 'EACCES', 'ENOTDIR']);

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || unreadable.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}
