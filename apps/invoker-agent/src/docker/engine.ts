// The engine's calls that the driver uses, each idempotent: what is so already counts as done.
import { type EngineClient, EngineError, EngineGone } from './engine-client';

export interface EngineInfo {
  readonly DockerRootDir: string;
  readonly SecurityOptions?: readonly string[];
  readonly LoggingDriver: string;
  readonly CgroupVersion?: string;
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly [string, string])[];
}

export interface ListedContainer {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface InspectedContainer {
  readonly LogPath: string;
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly OOMKilled: boolean;
    readonly ExitCode: number;
    readonly Paused: boolean;
    readonly Running: boolean;
    readonly Error: string;
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

export interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

export interface EngineNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Options: Readonly<Record<string, string>>;
  /** By id; endpoints whose container is no more by a name of the engine's. */
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string; readonly Gateway?: string }[] };
}

export interface EngineImage {
  readonly Id: string;
  readonly Config: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
  };
}

export interface PullProgress {
  readonly error?: string;
}

export class Engine {
  constructor(private readonly client: EngineClient) {}

  info = (): Promise<EngineInfo> => this.client.call('GET', '/info');

  image(name: string): Promise<EngineImage | undefined> {
    return found(this.client.call<EngineImage>('GET', `/images/${name}/json`));
  }

  /** Resolves when the image is there. */
  async pull(image: string, timeoutMs: number): Promise<void> {
    const limit = AbortSignal.timeout(timeoutMs);
    const isTagged = image.includes('@') || /:[^/]+$/.test(image);
    const query: Record<string, string> = { fromImage: image, ...(isTagged ? {} : { tag: 'latest' }) };
    try {
      for await (const { error } of await this.client.stream<PullProgress>('/images/create', query, limit, 'POST'))
        if (error !== undefined) throw new EngineError(500, `docker: ${error}`);
    } catch (error) {
      if (limit.aborted)
        throw new EngineGone(`docker: ${image} was not pulled within ${timeoutMs} ms`, { cause: error });
      throw error;
    }
  }

  /** Answers the engine's id of it. Not to be given up half way: nobody would know whether there is a container. */
  async create(name: string, body: unknown, timeoutMs: number): Promise<string> {
    const call = { query: { name }, body, timeoutMs };
    const { Id } = await this.client.call<{ Id: string }>('POST', '/containers/create', call);
    return Id;
  }

  async start(id: string, timeoutMs: number): Promise<void> {
    await this.client.call('POST', `/containers/${id}/start`, { timeoutMs });
  }

  inspect(id: string): Promise<InspectedContainer | undefined> {
    return found(this.client.call<InspectedContainer>('GET', `/containers/${id}/json`));
  }

  /** Running or not. */
  list(label: string): Promise<ListedContainer[]> {
    return this.client.call('GET', '/containers/json', {
      query: { all: 'true', filters: JSON.stringify({ label: [label] }) },
    });
  }

  async pause(id: string): Promise<void> {
    await unlessSo(this.client.call('POST', `/containers/${id}/pause`), /already paused/);
  }

  async unpause(id: string): Promise<void> {
    await unlessSo(this.client.call('POST', `/containers/${id}/unpause`), /not paused/);
  }

  async kill(id: string): Promise<void> {
    await found(unlessSo(this.client.call('POST', `/containers/${id}/kill`), /is not running/));
  }

  /** Until it has ended and its output is written. */
  async ended(id: string): Promise<void> {
    await found(this.client.call('POST', `/containers/${id}/wait`, { query: { condition: 'not-running' } }));
  }

  /** By id or name, running or not. Answers whether there was one. */
  async remove(id: string): Promise<boolean> {
    const query = { force: 'true', v: 'true' };
    try {
      await this.client.call('DELETE', `/containers/${id}`, { query });
      return true;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.status === 404) return false;
      // Somebody removes it already, perhaps this agent in an earlier call that took too long.
      if (!/already in progress/.test(error.message)) throw error;
      await found(this.client.call('POST', `/containers/${id}/wait`, { query: { condition: 'removed' } }));
      return true;
    }
  }

  /** Resolves once the engine has begun to tell. */
  events(label: string, signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> {
    const filters = { type: ['container'], event: ['oom', 'die', 'destroy'], label: [label] };
    return this.client.stream('/events', { filters: JSON.stringify(filters) }, signal);
  }

  network(name: string): Promise<EngineNetwork | undefined> {
    return found(this.client.call<EngineNetwork>('GET', `/networks/${name}`));
  }

  async createNetwork(body: unknown): Promise<void> {
    await this.client.call('POST', '/networks/create', { body });
  }

  async removeNetwork(name: string): Promise<void> {
    await found(this.client.call('DELETE', `/networks/${name}`));
  }

  /** Takes a container's endpoint away, also that of a container which is no more. */
  async disconnect(network: string, container: string): Promise<void> {
    const body = { Container: container, Force: true };
    await found(this.client.call('POST', `/networks/${network}/disconnect`, { body }));
  }

  close = (): Promise<void> => this.client.close();
}

/** Undefined where the engine says that there is no such thing. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}

async function unlessSo(answer: Promise<unknown>, isSo: RegExp): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!(error instanceof EngineError && isSo.test(error.message))) throw error;
  }
}
