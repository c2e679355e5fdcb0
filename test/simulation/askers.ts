// Who waits for an agent to be done with a container. Few at a time, each with one asker nearly always: lists, not maps and sets (see chain.ts).
export type Asker<T> = (reply: T) => void;

interface Work<T> {
  readonly id: string;
  readonly askers: Asker<T>[];
}

export class Askers<T> {
  private readonly works: Work<T>[] = [];

  has(id: string): boolean {
    return this.works.some((work) => work.id === id);
  }

  begin(id: string): void {
    this.works.push({ id, askers: [] });
  }

  /** Somebody waits for what has begun. */
  join(id: string, asker: Asker<T>): void {
    this.works.find((work) => work.id === id)?.askers.push(asker);
  }

  /** Whether he waited still. */
  leave(id: string, asker: Asker<T>): boolean {
    const askers = this.works.find((work) => work.id === id)?.askers ?? [];
    const at = askers.indexOf(asker);
    if (at >= 0) askers.splice(at, 1);
    return at >= 0;
  }

  /** It is over. Answers who waits, or undefined if nothing of that id goes on. */
  end(id: string): readonly Asker<T>[] | undefined {
    const at = this.works.findIndex((work) => work.id === id);
    return at < 0 ? undefined : this.works.splice(at, 1)[0]!.askers;
  }
}
