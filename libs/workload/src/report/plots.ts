// The plots of a result, each as SVG that stands alone. Pure.
import { DistributionRecord } from '../statistics/distribution-record';
import { startPaths } from '../statistics/finished-request';
import type { ScenarioResult, WorkloadResult } from '../statistics/result';
import { classStartMs, type TimelineResult } from '../statistics/timeline';
import { rowsOf } from './result-table';
import { type Axis, heatMap, lineChart, type Series, stackedBars } from './svg-chart';

export interface Plot {
  /** Also the name of its file. */
  readonly name: string;
  readonly svg: string;
}

/** More lines in one chart are no longer told apart. */
const linesMost = 8;

/** All plots, in the order of the report. */
export function plotsOf(result: WorkloadResult): Plot[] {
  const { timeline } = result.whole;
  return [
    { name: 'latency-distribution', svg: latencyDistribution(result) },
    { name: 'latency-over-time', svg: latencyOverTime(timeline) },
    { name: 'throughput', svg: throughput(timeline) },
    { name: 'containers-over-time', svg: containersOverTime(timeline) },
    { name: 'latency-heat-map', svg: latencyHeatMap(timeline) },
    { name: 'start-paths', svg: startPathBars(result) },
  ];
}

/** By nines: 50 % is 2, 90 % is 10, 99 % is 100. */
const nines = (percent: number): number => 100 / (100 - percent);
const shownPercents = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

function latencyDistribution(result: WorkloadResult): string {
  const series = rowsOf(result)
    .filter(({ latency }) => latency.count > 0)
    .slice(0, linesMost)
    .map(({ name, latency }): Series => {
      const record = DistributionRecord.fromJson(latency);
      // Beyond the last request there is nothing to know.
      const known = shownPercents.filter((percent) => nines(percent) <= record.count * 1.000_001);
      return { name, points: known.map((percent) => [nines(percent), record.percentileMs(percent)]) };
    });
  const ticks = [0, 50, 90, 99, 99.9, 99.99].map((percent) => [nines(percent), `${percent} %`] as const);
  return lineChart({
    title: 'Latency distribution',
    x: { label: 'share of requests that took at most this', isLog: true, min: 1, max: 10_000, ticks },
    y: { label: 'milliseconds', isLog: true },
    series,
  });
}

type Slot = TimelineResult['slots'][number];
const seconds = ({ slots, widthMs }: TimelineResult): Axis => ({
  label: 'seconds since the start',
  min: 0,
  max: (Math.max(1, slots.length) * widthMs) / 1_000,
});
const middle = ({ widthMs }: TimelineResult, at: number): number => ((at + 0.5) * widthMs) / 1_000;

/** The class in which this share of a slot's requests ends; undefined without requests. */
function slotPercentileMs({ latencies }: Slot, share: number): number | undefined {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  const at = latencies.findIndex((count) => (seen += count) >= share * total);
  return classStartMs(at + 0.5);
}

function latencyOverTime(timeline: TimelineResult): string {
  const line = (name: string, share: number): Series => ({
    name,
    points: timeline.slots.flatMap((slot, at) => {
      const ms = slotPercentileMs(slot, share);
      return ms === undefined ? [] : [[middle(timeline, at), ms] as const];
    }),
  });
  return lineChart({
    title: 'Latency over time',
    x: seconds(timeline),
    y: { label: 'milliseconds, by when it was due', isLog: true },
    series: [line('p50', 0.5), line('p99', 0.99), line('slowest', 1)],
  });
}

const overTime = (timeline: TimelineResult, name: string, of: (slot: Slot) => number, isArea = false): Series => ({
  name,
  isArea,
  points: timeline.slots.map((slot, at) => [middle(timeline, at), of(slot)]),
});

function throughput(timeline: TimelineResult): string {
  const perSecond = (count: number): number => (count * 1_000) / timeline.widthMs;
  return lineChart({
    title: 'Throughput',
    x: seconds(timeline),
    y: { label: 'requests per second' },
    series: [
      overTime(timeline, 'due', ({ due }) => perSecond(due)),
      overTime(timeline, 'ended', ({ ended }) => perSecond(ended), true),
      overTime(timeline, 'errors', ({ errors }) => perSecond(errors)),
    ],
  });
}

function containersOverTime(timeline: TimelineResult): string {
  return lineChart({
    title: 'Containers over time',
    x: seconds(timeline),
    y: { label: 'containers' },
    series: [
      overTime(timeline, 'that ran something', ({ containers }) => containers, true),
      overTime(timeline, 'running at once (mean)', ({ busyMs }) => busyMs / timeline.widthMs),
    ],
  });
}

function latencyHeatMap(timeline: TimelineResult): string {
  const width = timeline.widthMs / 1_000;
  const cells = timeline.slots.flatMap(({ latencies }, column) =>
    latencies.flatMap((count, row) =>
      count === 0 ? [] : [{ x: column * width, width, y: classStartMs(row), yEnd: classStartMs(row + 1), count }],
    ),
  );
  return heatMap({
    title: 'Latency heat map',
    x: seconds(timeline),
    y: { label: 'milliseconds', isLog: true },
    cells,
  });
}

function startPathBars(result: WorkloadResult): string {
  const bars = rowsOf(result).map(({ name, starts }: ScenarioResult) => ({
    name,
    values: startPaths.map((path) => starts[path]?.count ?? 0),
  }));
  return stackedBars({ title: 'Start paths', parts: startPaths, bars });
}
