// How a log line looks and what is appended to logs, in OpenWhisk's words.
import type { LogStream } from './log-source';

const millisPerSub = 1_000_000;

/**
 * Times of lines: RFC 3339 in UTC with nine digits, 30 characters. The clock gives milliseconds; the digits below them count, so that the
 * lines of one container are strictly in order and sort as text.
 */
export class LineTimes {
  private ms = 0;
  private count = 0;
  private prefix = '';

  /** wallMs is when the lines that follow were read. A clock that goes back does not. */
  at(wallMs: number): void {
    if (wallMs > this.ms) this.set(wallMs);
  }

  next(): string {
    if (this.count === millisPerSub) this.set(this.ms + 1);
    const digits = String(this.count).padStart(6, '0');
    this.count += 1;
    return `${this.prefix}${digits}Z`;
  }

  private set(ms: number): void {
    this.ms = ms;
    this.count = 0;
    this.prefix = new Date(ms).toISOString().slice(0, -1);
  }
}

export function logLine(time: string, stream: LogStream, text: string): string {
  return `${time} ${stream}: ${text}`;
}

export const notices = {
  truncated: (limitBytes: number): string =>
    `Logs were truncated because the total bytes size exceeds the limit of ${limitBytes} bytes.`,
  incomplete: 'There was an issue while collecting your logs. Data might be missing.',
  developerError: 'The action did not initialize or run as expected. Log data might be missing.',
} as const;
