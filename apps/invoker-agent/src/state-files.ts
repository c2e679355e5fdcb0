// What the agent keeps on its disk: highest epoch, longest lease, its own incarnation, cordon, and one note per container.
//
// Each file is written anew and renamed, so a reader finds the old or the new one whole. There is no fsync: the death of the process loses
// nothing, and containers do not outlive the machine. Writes are synchronous on purpose: the ledger has decided already, and no other
// command may come between its decision and the disk. What could not be written is written before anything else is obeyed; until
// then every command fails.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cordonFlags, cordonOf } from '#protocol';
import type { LedgerPast } from './ledger/ledger';
import { type StoredNote, storedNoteSchema } from './ledger/stored-note';
import type { Effect } from './ledger/verdict';

const decimal = z.string().regex(/^\d{1,19}$/);

const agentStateSchema = z.object({
  epoch: decimal,
  longestLeaseMs: z.number().int().min(0),
  incarnation: decimal,
  cordoned: z.boolean(),
  draining: z.boolean().default(false),
  cordonNumber: z.number().int().min(0).default(0),
});
type AgentState = z.infer<typeof agentStateSchema>;

export class StateFiles {
  /** Effects that the disk has not taken yet. */
  private pending: Effect[] = [];

  private constructor(
    private readonly directory: string,
    private state: AgentState,
  ) {}

  /** Opens the files of a node, and begins the next incarnation of its agent. */
  static open(directory: string): StateFiles {
    mkdirSync(join(directory, 'notes'), { recursive: true, mode: 0o700 });
    const files = new StateFiles(directory, readState(join(directory, 'state.json')));
    files.writeState({ ...files.state, incarnation: String(BigInt(files.state.incarnation) + 1n) });
    return files;
  }

  get past(): LedgerPast & { incarnation: bigint } {
    const { epoch, longestLeaseMs, incarnation, cordonNumber } = this.state;
    const cordon = cordonOf(this.state);
    return { epoch: BigInt(epoch), longestLeaseMs, incarnation: BigInt(incarnation), cordon, cordonNumber };
  }

  /** The notes of former lives, and the ids of those that cannot be read. */
  readNotes(): { notes: StoredNote[]; unreadable: string[] } {
    const notes: StoredNote[] = [];
    const unreadable: string[] = [];
    for (const name of readdirSync(join(this.directory, 'notes'))) {
      const id = name.replace(/\.json$/, '');
      if (name.endsWith('.new')) continue;
      const note = readNote(this.notePath(id));
      if (note?.id === id) notes.push(note);
      else unreadable.push(id);
    }
    return { notes, unreadable };
  }

  /** All are on disk when this returns. Throws if the disk does not take them. */
  store(effects: readonly Effect[]): void {
    this.pending.push(...effects);
    this.flush();
  }

  /** Writes what a former call could not. */
  flush(): void {
    for (let effect = this.pending[0]; effect; effect = this.pending[0]) {
      this.write(effect);
      this.pending.shift();
    }
  }

  private write(effect: Effect): void {
    switch (effect.store) {
      case 'epoch':
        return this.writeState({ ...this.state, epoch: String(effect.epoch) });
      case 'longest-lease':
        return this.writeState({ ...this.state, longestLeaseMs: effect.leaseMs });
      case 'cordon':
        return this.writeState({ ...this.state, ...cordonFlags(effect.cordon), cordonNumber: effect.number });
      case 'note':
        return replaceFile(this.notePath(effect.note.id), effect.note);
      case 'no-note':
        return rmSync(this.notePath(effect.id), { force: true });
    }
  }

  private writeState(next: AgentState): void {
    replaceFile(join(this.directory, 'state.json'), next);
    this.state = next;
  }

  private notePath(id: string): string {
    return join(this.directory, 'notes', `${id}.json`);
  }
}

function readState(path: string): AgentState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { epoch: '0', longestLeaseMs: 0, incarnation: '0', ...cordonFlags('open'), cordonNumber: 0 };
  }
  const parsed = agentStateSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${path} was read and is not what an agent writes; restore it, or remove it once no other scheduler leads and no container runs here.`,
  );
}

function readNote(path: string): StoredNote | undefined {
  return storedNoteSchema.safeParse(parseJson(readFileSync(path, 'utf8'))).data;
}

/** Undefined for what is no JSON, which no schema here takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function replaceFile(path: string, content: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
