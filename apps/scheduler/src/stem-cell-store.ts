// Where it is kept what operators have set about stem cells, so that it holds for every later leader: in Redis beside the leader's
// lock, or, with local leadership, in a file of the data directory.
//
// Guarantees: what `write` has answered true to is what the next leader reads, unless Redis loses its data; a former leader's write
// changes nothing. What is there and cannot be read counts as nothing set, and is said once.
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { leaderEpochKey } from '#lease';
import type { Logger } from '#telemetry';
import type { StemCells } from './core/stem-cells';

export interface StemCellStore {
  read(): Promise<readonly StemCells[]>;
  /** False: a leader with another epoch was there since. */
  write(stemCells: readonly StemCells[], epoch: bigint): Promise<boolean>;
  close(): void;
}

const count = z.number().int().min(0);
const schema = z.array(z.object({ kind: z.string().min(1), memoryMb: count, count }));

function parse(text: string | null, where: string, logger: Logger): readonly StemCells[] {
  if (text === null) return [];
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    logger.warn(`stem cells: ${where} holds no list of stem cells, so the configured ones count; set them again.`);
    return [];
  }
}

export class StemCellFile implements StemCellStore {
  private readonly path: string;

  constructor(
    folder: string,
    private readonly logger: Logger,
  ) {
    this.path = join(folder, 'stem-cells.json');
  }

  async read(): Promise<readonly StemCells[]> {
    let text: string | null = null;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return parse(text, this.path, this.logger);
  }

  /** Whoever leads holds the lock on this folder. */
  async write(stemCells: readonly StemCells[]): Promise<boolean> {
    const file = await open(`${this.path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(stemCells)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.path}.new`, this.path);
    return true;
  }

  close(): void {
    // Nothing is open between two writes.
  }
}

/** The braces keep it in the slot of the lock. */
const stemCellsKey = '{hearth:leader}:stem-cells';

/** KEYS epoch, stem cells; ARGV epoch, text. The epoch in Redis is that of the newest leader. */
const writeAsLeader = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[2], ARGV[2])
  return 1
`;

export class RedisStemCells implements StemCellStore {
  /** It takes the connection over and closes it. */
  constructor(
    private readonly redis: Redis,
    private readonly logger: Logger,
  ) {}

  async read(): Promise<readonly StemCells[]> {
    return parse(await this.redis.get(stemCellsKey), `${stemCellsKey} in Redis`, this.logger);
  }

  async write(stemCells: readonly StemCells[], epoch: bigint): Promise<boolean> {
    const text = JSON.stringify(stemCells);
    return (await this.redis.eval(writeAsLeader, 2, leaderEpochKey, stemCellsKey, String(epoch), text)) === 1;
  }

  close(): void {
    this.redis.disconnect();
  }
}
