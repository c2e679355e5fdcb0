// Numbers for people: as many digits as they need. Pure.

/** `0.412`, `4.12`, `41.2`, `412`, `4,120`. */
export function short(value: number): string {
  if (value >= 100 || value === 0) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(value < 0.01 ? 1 : 3);
}

/** `12.3 %`; `-` of nothing. */
export const percent = (part: number, of: number): string => (of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`);

/** `850 µs`, `12.3 ms`, `4.56 s`. */
export function time(ms: number): string {
  if (ms >= 1_000) return `${short(ms / 1_000)} s`;
  return ms < 1 && ms > 0 ? `${short(ms * 1_000)} µs` : `${short(ms)} ms`;
}
