// One after another: what is done to a container waits for what was asked before.

export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs it when all that came before has ended, well or badly. */
  take<T>(act: () => T | Promise<T>): Promise<T> {
    const turn = this.last.then(act);
    // Its own caller learns of a failure; the next turn only needs to know that this one is over.
    this.last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
