// Whom to ask for the leader next. Pure; controllers, agents and the admin command search in the same way.
//
// The list of schedulers is tried in turn. A standby that names the leader is followed at once, but only once in a row: two standbys
// that name each other cost a pause like any other miss. So nobody who searches asks faster than its pauses allow.

const hostAndPort = /^[^\s:/]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/;

export class LeaderSearch {
  private at = 0;
  /** A leader that the list does not have. */
  private hinted: string | undefined;
  private isFollowing = false;

  constructor(private readonly schedulers: readonly string[]) {
    if (schedulers.length === 0) throw new Error('leader search: SCHEDULERS names none; give host:port of each.');
  }

  /** The address to ask. */
  get current(): string {
    return this.hinted ?? this.schedulers[this.at]!;
  }

  /** The one that was asked leads: it is asked first from now on. */
  found(): void {
    this.isFollowing = false;
  }

  /**
   * The one that was asked does not lead, or does not answer; `hint` is the leader as it names it. Answers whether to ask the new
   * current one at once.
   */
  missed(hint?: string): boolean {
    const isNews = hint !== undefined && hostAndPort.test(hint) && hint !== this.current;
    if (isNews && !this.isFollowing) {
      this.isFollowing = true;
      const known = this.schedulers.indexOf(hint);
      this.hinted = known < 0 ? hint : undefined;
      if (known >= 0) this.at = known;
      return true;
    }
    this.isFollowing = false;
    this.hinted = undefined;
    this.at = (this.at + 1) % this.schedulers.length;
    return false;
  }
}
