// A distribution of times as an HDR histogram in microseconds: three significant digits, any length. Pure.
//
// Guarantees: what is written (`toJson`) holds every count, so that reading it gives the same percentiles and merging loses nothing.
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { z } from 'zod';

export const percentiles = [50, 75, 90, 95, 99, 99.9, 99.99] as const;
export type Percentile = (typeof percentiles)[number];

/** A written distribution. Milliseconds; percentiles by their number. Without a count there is nothing else. */
export const distributionResultSchema = z.object({
  count: z.int().min(0),
  minMs: z.number().optional(),
  meanMs: z.number().optional(),
  maxMs: z.number().optional(),
  percentilesMs: z.record(z.string(), z.number()).optional(),
  hdr: z.string().optional().describe('HDR histogram (V2, compressed, base64) of microseconds'),
});
export type DistributionResult = z.infer<typeof distributionResultSchema>;

export class DistributionRecord {
  private histogram: Histogram | undefined;
  private sumMs = 0;
  private leastMs = Infinity;
  private mostMs = 0;

  get count(): number {
    return this.histogram?.totalCount ?? 0;
  }

  get maxMs(): number {
    return this.mostMs;
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count;
  }

  /** Negative times, as skewed clocks give them, count as 0. */
  add(ms: number): void {
    const value = ms > 0 ? ms : 0;
    this.histogram ??= emptyHistogram();
    this.histogram.recordValue(Math.round(value * 1_000));
    this.sumMs += value;
    if (value < this.leastMs) this.leastMs = value;
    if (value > this.mostMs) this.mostMs = value;
  }

  merge(other: DistributionRecord): void {
    if (!other.histogram) return;
    this.histogram ??= emptyHistogram();
    this.histogram.add(other.histogram);
    this.sumMs += other.sumMs;
    this.leastMs = Math.min(this.leastMs, other.leastMs);
    this.mostMs = Math.max(this.mostMs, other.mostMs);
  }

  /** Milliseconds; 0 if nothing was added. Never above the largest time that was. */
  percentileMs(percent: number): number {
    return this.histogram ? Math.min(this.mostMs, this.histogram.getValueAtPercentile(percent) / 1_000) : 0;
  }

  toJson(): DistributionResult {
    const { histogram, count } = this;
    if (!histogram || count === 0) return { count: 0 };
    return {
      count,
      minMs: rounded(this.leastMs),
      meanMs: this.meanMs,
      maxMs: this.mostMs,
      percentilesMs: Object.fromEntries(percentiles.map((percent) => [percent, rounded(this.percentileMs(percent))])),
      hdr: encodeIntoCompressedBase64(histogram),
    };
  }

  static fromJson({ count, minMs = 0, meanMs = 0, maxMs = 0, hdr }: DistributionResult): DistributionRecord {
    const record = new DistributionRecord();
    if (count === 0 || hdr === undefined) return record;
    const histogram = decodeFromCompressedBase64(hdr, 32, false);
    histogram.autoResize = true;
    record.histogram = histogram;
    record.sumMs = meanMs * count;
    record.leastMs = minMs;
    record.mostMs = maxMs;
    return record;
  }
}

const emptyHistogram = (): Histogram =>
  build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
