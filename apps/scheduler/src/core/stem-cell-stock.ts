// How many stem cells of each kind and memory are wanted on a node: what is configured, and what an operator has set instead of it.
//
// Guarantee: while it is not known what operators have set, nothing is wanted and nothing is too much, so that a new leader neither
// starts nor removes what an operator has decided about.
import { stemKey } from './container';
import { fixed, type Prewarm } from './prewarm';
import type { StemCells } from './stem-cells';

/** One line of the stock, for admin. */
export interface StockLine extends StemCells {
  /** What the configuration says; 0 if it says nothing. */
  readonly configured: number;
  readonly isSetByOperator: boolean;
}

export interface StockChange {
  readonly kind: string;
  readonly memoryMb: number;
  readonly from: number;
  readonly to: number;
}

const keyOf = ({ kind, memoryMb }: StemCells): string => stemKey(kind, memoryMb);

function changes(before: readonly StemCells[], after: readonly StemCells[]): StockChange[] {
  const [from, to] = [before, after].map((lines) => new Map(lines.map((cells) => [keyOf(cells), cells.count])));
  const all = new Map([...before, ...after].map((cells) => [keyOf(cells), cells]));
  return [...all]
    .map(([key, { kind, memoryMb }]) => ({ kind, memoryMb, from: from!.get(key) ?? 0, to: to!.get(key) ?? 0 }))
    .filter((change) => change.from !== change.to);
}

export class StemCellStock {
  private operators: readonly StemCells[] | undefined;
  /** What the prewarm policy makes of what is configured. */
  private followed: readonly StemCells[];
  private merged: readonly StemCells[];

  /** With `isKnown` false, `set` says later what operators have set. */
  constructor(
    private readonly configured: readonly StemCells[],
    isKnown = true,
    private readonly prewarm: Prewarm = fixed,
  ) {
    this.operators = isKnown ? [] : undefined;
    this.followed = configured.map((cells) => ({ ...cells, count: prewarm(cells, undefined) }));
    this.merged = this.followed;
  }

  isConfigured(key: string): boolean {
    return this.configured.some((cells) => keyOf(cells) === key);
  }

  /** The prewarm policy's word on what is configured, after demands took so many. Answers what changed by it. */
  follow(takenPerNode: (cells: StemCells) => number): StockChange[] {
    const { merged: before } = this;
    this.followed = this.configured.map((cells) => ({ ...cells, count: this.prewarm(cells, takenPerNode(cells)) }));
    this.merge();
    return this.isKnown ? changes(before, this.merged) : [];
  }

  get isKnown(): boolean {
    return this.operators !== undefined;
  }

  /** The whole of what operators have set; it takes the place of what was set before. Answers what changed by it. */
  set(operators: readonly StemCells[]): StockChange[] {
    const { isKnown, merged: before } = this;
    this.operators = operators;
    this.merge();
    return isKnown ? changes(before, this.merged) : [];
  }

  private merge(): void {
    const { ofOperators: operators } = this;
    const set = new Map(operators.map((cells) => [keyOf(cells), cells]));
    const kept = this.followed.map((cells) => set.get(keyOf(cells)) ?? cells);
    const known = new Set(this.configured.map(keyOf));
    this.merged = [...kept, ...operators.filter((cells) => !known.has(keyOf(cells)))];
  }

  /** What is wanted on each node that offers the kind, in the order of the configuration. */
  get wanted(): readonly StemCells[] {
    return this.merged;
  }

  /** What operators have set; empty while that is not known. */
  get ofOperators(): readonly StemCells[] {
    return this.operators ?? [];
  }

  get lines(): StockLine[] {
    const set = new Set(this.ofOperators.map(keyOf));
    const configured = new Map(this.configured.map((cells) => [keyOf(cells), cells.count]));
    return this.merged.map((cells) => ({
      ...cells,
      configured: configured.get(keyOf(cells)) ?? 0,
      isSetByOperator: set.has(keyOf(cells)),
    }));
  }
}
