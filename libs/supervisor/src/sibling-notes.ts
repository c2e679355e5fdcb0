// Passes what one process of an app tells on to its siblings, and tells it once they have heard. Messages in, messages out; it sends nothing itself.
//
// Guarantee: a note is answered exactly once, when each sibling that was ready has heard it or is gone; so nobody waits for the dead. One that
// starts is told, too, so that nothing that it reads meanwhile stays with it, and is not waited for: it hears it before it is handed anything.

export interface Outgoing {
  readonly to: string;
  readonly message: { readonly type: 'note'; readonly id: number; readonly note: unknown } | Told;
}

interface Told {
  readonly type: 'told';
  readonly id: number;
}

interface Pending {
  readonly from: string;
  /** As its sender counts. */
  readonly id: number;
  readonly waitsFor: Set<string>;
}

export class SiblingNotes {
  private readonly pending = new Map<number, Pending>();
  private count = 0;

  /** For tests: what has not been heard by all. */
  get size(): number {
    return this.pending.size;
  }

  told(
    from: string,
    id: number,
    note: unknown,
    { ready, starting = [] }: { readonly ready: readonly string[]; readonly starting?: readonly string[] },
  ): Outgoing[] {
    const waitsFor = ready.filter((name) => name !== from);
    this.count += 1;
    const message = { type: 'note', id: this.count, note } as const;
    const outgoing: Outgoing[] = [...waitsFor, ...starting.filter((name) => name !== from)].map((to) => ({
      to,
      message,
    }));
    if (waitsFor.length === 0) return [...outgoing, { to: from, message: { type: 'told', id } }];
    this.pending.set(this.count, { from, id, waitsFor: new Set(waitsFor) });
    return outgoing;
  }

  heard(by: string, id: number): Outgoing[] {
    const pending = this.pending.get(id);
    if (!pending) return [];
    pending.waitsFor.delete(by);
    return this.settle(id, pending);
  }

  /** What it had not heard it never will; what it had told nobody waits for. */
  gone(name: string): Outgoing[] {
    return [...this.pending].flatMap(([id, pending]) => {
      pending.waitsFor.delete(name);
      if (pending.from !== name) return this.settle(id, pending);
      this.pending.delete(id);
      return [];
    });
  }

  private settle(id: number, { from, id: theirs, waitsFor }: Pending): Outgoing[] {
    if (waitsFor.size > 0) return [];
    this.pending.delete(id);
    return [{ to: from, message: { type: 'told', id: theirs } }];
  }
}
