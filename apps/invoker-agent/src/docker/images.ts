// Which image a container is made of, and whether the engine has it: looked up once, pulled once however many ask, within a limit of its own.
import type { Logger } from '#telemetry';
import { CannotCreate } from '../container-driver';
import type { Engine } from './engine';
import { EngineError } from './engine-client';

export interface Image {
  readonly name: string;
  /** It runs one of our runtimes: an image of the manifest that says so. */
  readonly isOurs: boolean;
  readonly command: readonly string[];
}

/** What Docker takes as an image's name, and no path of its API. */
const namePattern =
  /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[a-z0-9][a-z0-9._-]*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;
const kindLabel = 'hearth.kind';

export class Images {
  private readonly pulls = new Map<string, Promise<void>>();

  constructor(
    private readonly engine: Engine,
    /** By kind. */
    private readonly names: ReadonlyMap<string, string>,
    private readonly pullMs: number,
    private readonly logger: Logger,
  ) {}

  /** Kinds whose image is there, and the others with their image. */
  async sort(): Promise<{ there: string[]; missing: [string, string][] }> {
    const there: string[] = [];
    const missing: [string, string][] = [];
    for (const [kind, name] of this.names) {
      if (await this.engine.image(name)) there.push(kind);
      else missing.push([kind, name]);
    }
    return { there, missing };
  }

  /** Rejects with CannotCreate if a foreign image cannot be had. Gives up waiting, not pulling, with the signal. */
  async find(kind: string, foreign: string | undefined, signal: AbortSignal): Promise<Image> {
    const name = foreign ?? this.names.get(kind);
    if (name === undefined) throw new Error(`kind ${kind} has no image in the manifest`);
    if (name.length > 512 || !namePattern.test(name)) throw new CannotCreate(pullFailed(name));
    const found = await this.engine.image(name);
    if (found) return toImage(name, foreign, found);
    await this.pulled(name, foreign !== undefined, signal);
    const pulled = await this.engine.image(name);
    if (pulled) return toImage(name, foreign, pulled);
    throw new Error(`image ${name} was pulled and is not there`);
  }

  private async pulled(name: string, isForeign: boolean, signal: AbortSignal): Promise<void> {
    let pull = this.pulls.get(name);
    if (!pull) {
      pull = this.engine.pull(name, this.pullMs).finally(() => this.pulls.delete(name));
      this.pulls.set(name, pull);
    }
    try {
      await Promise.race([pull, aborted(signal)]);
    } catch (error) {
      if (signal.aborted) throw error;
      this.logger.warn({ err: error }, `image ${name}: not pulled`);
      const isNodes = !(error instanceof EngineError);
      if (isForeign && !isNodes) throw new CannotCreate(pullFailed(name), { cause: error });
      throw new Error(
        `image ${name} is not on this node and was not pulled (${(error as Error).message}); run \`npm run images\` here`,
        { cause: error },
      );
    }
  }
}

/** OpenWhisk's words. */
const pullFailed = (name: string): string => `Failed to pull container image '${name}'.`;

function toImage(
  name: string,
  foreign: string | undefined,
  { Config }: { Config: { Labels?: object | null; Cmd?: readonly string[] | null } },
): Image {
  return {
    name,
    isOurs: foreign === undefined && kindLabel in (Config.Labels ?? {}),
    command: Config.Cmd ?? [],
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
