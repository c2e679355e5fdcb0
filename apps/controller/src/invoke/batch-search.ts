// Which records of a batch the store refuses, when it refuses the batch as a whole. Pure: what it was given and said in, what to give it next out.
//
// Guarantees: each record ends as taken, refused alone, or left, once; one refused record among n costs about 2 × log2 n tries; a store that
// takes nothing is asked a few times only, since then the records are not to blame.

/** So many are refused alone, and none is taken: what is left is not tried. */
export const refusedAloneMost = 3;

export interface Refused<Item> {
  readonly item: Item;
  readonly reason: unknown;
}

export class BatchSearch<Item> {
  readonly taken: Item[] = [];
  /** Each by itself. */
  readonly refused: Refused<Item>[] = [];
  /** The next one last. */
  private readonly parts: (readonly Item[])[];

  /** `suspects` were refused earlier: each is tried alone, after the others. */
  constructor(items: readonly Item[], suspects: readonly Item[] = []) {
    this.parts = suspects.map((one) => [one]).reverse();
    if (items.length > 0) this.parts.push(items);
  }

  /** What to give to the store now, the same until `took` or `refuses` is told; undefined when the search is over. */
  get next(): readonly Item[] | undefined {
    const isBlameless = this.taken.length === 0 && this.refused.length >= refusedAloneMost;
    return isBlameless ? undefined : this.parts.at(-1);
  }

  /** What was not tried, or not to an end. */
  get left(): Item[] {
    return [...this.parts].reverse().flat();
  }

  took(): void {
    for (const item of this.parts.pop() ?? []) this.taken.push(item);
  }

  refuses(reason: unknown): void {
    const part = this.parts.pop() ?? [];
    const half = Math.ceil(part.length / 2);
    if (part.length === 1) this.refused.push({ item: part[0]!, reason });
    else this.parts.push(part.slice(half), part.slice(0, half));
  }
}
