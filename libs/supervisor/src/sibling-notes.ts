// Passes what one process of an app tells on to its siblings, and tells it once they have heard. Messages in, messages out; it sends nothing itself.
//
// Guarantee: a note is answered exactly once, when each sibling that it was sent to has heard it or is gone; so nobody waits for the dead.

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

  told(from: string, id: number, note: unknown, siblings: readonly string[]): Outgoing[] {
    const others = siblings.filter((name) => name !== from);
    if (others.length === 0) return [{ to: from, message: { type: 'told', id } }];
    this.count += 1;
    this.pending.set(this.count, { from, id, waitsFor: new Set(others) });
    return others.map((to) => ({ to, message: { type: 'note', id: this.count, note } }));
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
