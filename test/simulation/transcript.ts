// What happened, line by line: the last lines to read, and a hash over all of them to compare two runs with.
import { createHash } from 'node:crypto';

export class Transcript {
  private readonly hash = createHash('sha256');
  private readonly lines: string[] = [];

  /** `most` lines are kept; with 0 nothing is. */
  constructor(
    private readonly now: () => number,
    private readonly most: number,
  ) {}

  /** Whether anything is written down; whoever says much asks first. */
  get isOn(): boolean {
    return this.most > 0;
  }

  say(who: string, what: string): void {
    if (this.most === 0) return;
    const line = `${this.now().toFixed(2).padStart(10)} ${who}: ${what}`;
    this.hash.update(line);
    this.lines.push(line);
    if (this.lines.length >= 2 * this.most) this.lines.splice(0, this.most);
  }

  /** The last lines. */
  tail(count = this.most): string {
    return this.lines.slice(-count).join('\n');
  }

  /** Of all lines; asked once, at the end. */
  digest(): string {
    return this.hash.digest('hex');
  }
}
