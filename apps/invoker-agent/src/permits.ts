// At most so many at once; the others wait in the order in which they came. Whoever waits here has memory of the node reserved, which bounds the queue.

export class Permits {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.free = count;
  }

  /** Resolves with how to give the permit back. Rejects when the signal is aborted before. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free > 0) this.free -= 1;
    else await this.turn(signal);
    let isGiven = false;
    return () => {
      if (isGiven) throw new Error('permits: given back twice');
      isGiven = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    };
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(mine), 1);
        reject(new Error('permits: the wait was given up'));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(mine);
    });
  }
}
