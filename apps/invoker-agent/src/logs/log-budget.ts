// How many bytes of log lines one agent holds in memory: of activations that have not ended, and of rows that wait for the store.

export class LogBudget {
  private held = 0;

  constructor(private readonly limitBytes: number) {}

  /** False, and nothing is taken, when it would be too much. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.limitBytes) return false;
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }

  get heldBytes(): number {
    return this.held;
  }
}
