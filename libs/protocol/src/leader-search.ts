// Whom to ask for the leader next. Pure; controllers, agents and the admin command search in the same way.
//
// The list of schedulers is tried in turn, with a pause after each that answers that it does not lead. Without a pause it goes on from one
// that cannot be reached, once around the list, and to the leader that a standby names, once between two pauses: standbys that name each
// other, or the dead, cost a pause like any other miss. So nobody who searches asks faster than its pauses allow.

const hostAndPort = /^[^\s:/]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/;

export class LeaderSearch {
  private at = 0;
  /** A leader that the list does not have. */
  private hinted: string | undefined;
  /** Since the last pause. */
  private hasFollowed = false;
  private unreachableCount = 0;

  constructor(private readonly schedulers: readonly string[]) {
    if (schedulers.length === 0) throw new Error('leader search: SCHEDULERS names none; give host:port of each.');
  }

  /** The address to ask. */
  get current(): string {
    return this.hinted ?? this.schedulers[this.at]!;
  }

  /** The one that was asked leads: it is asked first from now on. */
  found(): void {
    this.afterPause();
  }

  /**
   * The one that was asked does not lead, or does not answer in time; `hint` is the leader as it names it. Answers whether to ask the
   * new current one at once.
   */
  missed(hint?: string): boolean {
    const isNews = hint !== undefined && hostAndPort.test(hint) && hint !== this.current;
    if (isNews && !this.hasFollowed) {
      this.hasFollowed = true;
      const known = this.schedulers.indexOf(hint);
      this.hinted = known < 0 ? hint : undefined;
      if (known >= 0) this.at = known;
      return true;
    }
    this.goOn();
    this.afterPause();
    return false;
  }

  /** Nobody listens there. Answers whether to ask the new current one at once. */
  unreachable(): boolean {
    this.goOn();
    this.unreachableCount += 1;
    if (this.unreachableCount < this.schedulers.length) return true;
    this.afterPause();
    return false;
  }

  private afterPause(): void {
    this.hasFollowed = false;
    this.unreachableCount = 0;
  }

  private goOn(): void {
    this.hinted = undefined;
    this.at = (this.at + 1) % this.schedulers.length;
  }
}
