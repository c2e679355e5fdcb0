// Gives to the store in one transaction whatever came while the last one was under way.
export class Batches<Item> {
  private coming: Coming<Item>[] = [];
  private isUnderWay = false;

  constructor(
    private readonly itemsMax: number,
    /** Answers for each item whether it was taken. */
    private readonly store: (items: readonly Item[]) => Promise<readonly boolean[]>,
  ) {}

  /** Resolves once the item is stored, or with false if it was not taken. Throws what the store throws. */
  add(item: Item): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.coming.push({ item, resolve, reject });
      if (!this.isUnderWay) void this.storeAll();
    });
  }

  private async storeAll(): Promise<void> {
    this.isUnderWay = true;
    while (this.coming.length > 0) {
      const batch = this.coming.splice(0, this.itemsMax);
      try {
        const taken = await this.store(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(taken[index] === true));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isUnderWay = false;
  }
}

interface Coming<Item> {
  readonly item: Item;
  readonly resolve: (isTaken: boolean) => void;
  readonly reject: (error: unknown) => void;
}
