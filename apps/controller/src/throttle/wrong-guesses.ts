// How often somebody guessed wrong in the minute of now, by where the guesses come from. Pure.
//
// Guarantee: no more than `clientsMax` are remembered; beyond, those go first that were heard of longest ago.
import { minuteMs } from './rate-window';

interface Guesses {
  readonly minute: number;
  count: number;
}

export class WrongGuesses {
  private readonly clients = new Map<string, Guesses>();

  constructor(
    readonly limit: number,
    private readonly clientsMax: number,
  ) {}

  /** How many of this minute. `now` in milliseconds, of any clock that only goes on. */
  countOf(client: string, now: number): number {
    const guesses = this.clients.get(client);
    return guesses !== undefined && guesses.minute === minuteOf(now) ? guesses.count : 0;
  }

  /** One more. */
  add(client: string, now: number): void {
    const count = this.countOf(client, now) + 1;
    this.clients.delete(client);
    this.clients.set(client, { minute: minuteOf(now), count });
    if (this.clients.size <= this.clientsMax) return;
    const [oldest] = this.clients.keys();
    this.clients.delete(oldest!);
  }

  /** One that was counted before anybody knew turned out to be right. */
  takeBack(client: string, now: number): void {
    const guesses = this.clients.get(client);
    if (guesses !== undefined && guesses.minute === minuteOf(now) && guesses.count > 0) guesses.count -= 1;
  }

  get size(): number {
    return this.clients.size;
  }
}

const minuteOf = (now: number): number => Math.floor(now / minuteMs);
