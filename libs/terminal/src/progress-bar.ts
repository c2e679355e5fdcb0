// A bar of how much is done, as text of a fixed width. Pure.

const eighths = ' ▏▎▍▌▋▊▉';

/** `share` 0 to 1; the bar has `width` characters between its ends, and its percentage behind it. */
export function progressBar(share: number, width: number): string {
  const done = Math.min(1, Math.max(0, share)) * width;
  const whole = Math.floor(done);
  const part = whole < width ? eighths[Math.floor((done - whole) * 8)]! : '';
  return `[${`${'█'.repeat(whole)}${part}`.padEnd(width)}] ${Math.floor((100 * done) / width)} %`;
}
