// The addresses that this agent hands to its containers: free, taken or in quarantine, each in exactly one of the three.
//
// Guarantees: the longest unused address is handed out first; one in quarantine is not handed out before its time, because a
// controller that was stopped meanwhile may still send a run to it.

interface Quarantined {
  readonly address: string;
  readonly container: string;
  readonly since: number;
  /** False for one that is out of the address space by now: only its note waits. */
  readonly isOurs: boolean;
}

export class AddressBook {
  /** In the order of their last use, oldest first. */
  private readonly free: Set<string>;
  private readonly taken = new Set<string>();
  /** In the order of `since`. */
  private readonly quarantined: Quarantined[] = [];

  constructor(addresses: Iterable<string>) {
    this.free = new Set(addresses);
  }

  take(): string | undefined {
    const [address] = this.free;
    if (address === undefined) return undefined;
    this.free.delete(address);
    this.taken.add(address);
    return address;
  }

  /** For a container that is adopted with its address. An address that is none of ours is left alone. */
  claim(address: string): void {
    if (this.free.delete(address)) this.taken.add(address);
  }

  /** Free at once, and the last to be handed out again. */
  give(address: string): void {
    if (this.taken.delete(address)) this.free.add(address);
  }

  /** Not free before `release` says so. The id is the container's whose note stays on disk until then. */
  quarantine(address: string, container: string, now: number): void {
    const isOurs = this.taken.delete(address) || this.free.delete(address);
    this.quarantined.push({ address, container, since: now, isOurs });
  }

  /** Frees what has been in quarantine for that long, and answers whose notes can go. */
  release(now: number, quarantineMs: number): string[] {
    const [first] = this.quarantined;
    if (!first || now - first.since < quarantineMs) return [];
    const kept = this.quarantined.findIndex(({ since }) => now - since < quarantineMs);
    const due = this.quarantined.splice(0, kept < 0 ? this.quarantined.length : kept);
    for (const { address, isOurs } of due) if (isOurs) this.free.add(address);
    return due.map(({ container }) => container);
  }

  /** For metrics. */
  counts(): { free: number; taken: number; quarantined: number } {
    return { free: this.free.size, taken: this.taken.size, quarantined: this.quarantined.length };
  }
}
