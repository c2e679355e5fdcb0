// A small kit of charts as SVG text: lines over linear or logarithmic axes, stacked bars, heat maps. Pure.
//
// Guarantees: a chart stands alone (own size, white ground, fonts by generic name), is valid XML whatever its texts are, and has no script. What cannot be
// drawn on a logarithmic axis (0 and below) is left out.

export interface Axis {
  readonly label: string;
  readonly isLog?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Places of ticks with their texts; chosen if not given. */
  readonly ticks?: readonly (readonly [number, string])[];
}
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly isArea?: boolean;
  /** Each point is a dot, too: few, of which each matters. */
  readonly isMarked?: boolean;
  readonly color?: string;
}
export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Colours that people with the usual colour blindnesses tell apart (Okabe and Ito). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#8c8c00'];

const width = 760;
const height = 300;
const margin = { left: 70, right: 20, top: 34, bottom: 46 };
const plotWidth = width - margin.left - margin.right;
const plotHeight = height - margin.top - margin.bottom;

export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?');

const place = (value: number): string => value.toFixed(1);

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${place(x)}" y="${place(y)}" ${more}>${escapeXml(words)}</text>`;

/** A whole drawing of this height. */
export function drawing(title: string, body: string, tall = height): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${tall}" viewBox="0 0 ${width} ${tall}" role="img" aria-label="${escapeXml(title)}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="11" fill="#333"><rect width="100%" height="100%" fill="#fff"/>${text(margin.left, 18, title, 'font-size="13" font-weight="bold"')}${body}</svg>`;
}

/** From a value to a place, with the ticks of its axis. */
interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly (readonly [number, string])[];
  readonly isShown: (value: number) => boolean;
}

function scaleOf(axis: Axis, values: readonly number[], length: number): Scale {
  const shown = values.filter((value) => Number.isFinite(value) && (!axis.isLog || value > 0));
  const most = shown.reduce((max, value) => Math.max(max, value), -Infinity);
  const least = shown.reduce((min, value) => Math.min(min, value), Infinity);
  const isEmpty = shown.length === 0;
  let max = axis.max ?? (isEmpty ? 1 : most);
  let min = axis.min ?? (axis.isLog ? (isEmpty ? 0.1 : least) : 0);
  if (axis.isLog) {
    if (axis.min === undefined) min = Math.pow(10, Math.floor(Math.log10(min) + 1e-9));
    if (axis.max === undefined) max = Math.pow(10, Math.ceil(Math.log10(max) - 1e-9));
  } else if (axis.max === undefined) max = niceTop(max);
  if (!(max > min)) max = axis.isLog ? min * 10 : min + 1;
  const part = axis.isLog
    ? (value: number) => Math.log(value / min) / Math.log(max / min)
    : (value: number) => (value - min) / (max - min);
  const at = (value: number): number => Math.min(1, Math.max(0, part(value))) * length;
  const ticks = axis.ticks ?? (axis.isLog ? decades(min, max) : evenTicks(min, max));
  return {
    at,
    ticks: ticks.filter(([value]) => value >= min && value <= max * 1.000_001),
    isShown: (value) => Number.isFinite(value) && (!axis.isLog || value > 0),
  };
}

const step = (span: number): number => {
  const rough = span / 5;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  return power * ([1, 2, 2.5, 5].find((nice) => nice * power >= rough) ?? 10);
};
const niceTop = (max: number): number => (max <= 0 ? 1 : Math.ceil(max / step(max) - 1e-9) * step(max));

const tickText = (value: number): string =>
  value >= 1_000 ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : String(Number(value.toPrecision(3)));

function evenTicks(min: number, max: number): [number, string][] {
  const by = step(max - min);
  const first = Math.ceil(min / by);
  return Array.from({ length: Math.floor(max / by + 1e-9) - first + 1 }, (_, at) => [
    (first + at) * by,
    tickText((first + at) * by),
  ]);
}

function decades(min: number, max: number): [number, string][] {
  const [low, high] = [Math.round(Math.log10(min)), Math.round(Math.log10(max))];
  return Array.from({ length: high - low + 1 }, (_, at) => [Math.pow(10, low + at), tickText(Math.pow(10, low + at))]);
}

/** Grid, ticks and labels. */
function frame(x: Scale, y: Scale, { label: xLabel }: Axis, { label: yLabel }: Axis): string {
  const bottom = margin.top + plotHeight;
  const columns = x.ticks.map(([value, words]) => {
    const at = margin.left + x.at(value);
    return `<line x1="${place(at)}" y1="${margin.top}" x2="${place(at)}" y2="${bottom}" stroke="#e4e4e4"/>${text(at, bottom + 15, words, 'text-anchor="middle"')}`;
  });
  const rows = y.ticks.map(([value, words]) => {
    const at = bottom - y.at(value);
    return `<line x1="${margin.left}" y1="${place(at)}" x2="${width - margin.right}" y2="${place(at)}" stroke="#e4e4e4"/>${text(margin.left - 6, at + 4, words, 'text-anchor="end"')}`;
  });
  const middle = margin.top + plotHeight / 2;
  return `${columns.join('')}${rows.join('')}<rect x="${margin.left}" y="${margin.top}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#999"/>${text(margin.left + plotWidth / 2, height - 12, xLabel, 'text-anchor="middle"')}${text(14, middle, yLabel, `text-anchor="middle" transform="rotate(-90 14 ${place(middle)})"`)}`;
}

/** Names beside their colours, from right to left at the top. */
function legend(entries: readonly (readonly [string, string])[]): string {
  let right = width - margin.right;
  const drawn: string[] = [];
  // All are named, in few letters if there are many.
  const lettersMost = Math.max(4, Math.min(22, Math.floor((plotWidth - 150) / entries.length / 7 - 3.5)));
  for (const [name, color] of [...entries].reverse()) {
    const words = name.length > lettersMost ? `${name.slice(0, lettersMost - 1)}…` : name;
    right -= words.length * 7 + 24;
    drawn.push(
      `<rect x="${place(right)}" y="10" width="10" height="10" fill="${color}"/>${text(right + 14, 19, words)}`,
    );
  }
  return drawn.join('');
}

export function lineChart({ title, x, y, series }: LineChart): string {
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map(([value]) => value),
    plotWidth,
  );
  const up = scaleOf(
    y,
    points.map(([, value]) => value),
    plotHeight,
  );
  const bottom = margin.top + plotHeight;
  const lines = series.map(({ points: own, isArea = false, isMarked = false, color }, at) => {
    const shown = own.filter(([left, right]) => across.isShown(left) && up.isShown(right));
    if (shown.length === 0) return '';
    const stroke = color ?? palette[at % palette.length]!;
    const corners = shown.map(
      ([left, right]) => `${place(margin.left + across.at(left))},${place(bottom - up.at(right))}`,
    );
    const line = `<polyline points="${corners.join(' ')}" fill="none" stroke="${stroke}" stroke-width="1.8"/>`;
    if (isMarked) {
      const dots = shown.map(
        ([left, right]) =>
          `<circle cx="${place(margin.left + across.at(left))}" cy="${place(bottom - up.at(right))}" r="4" fill="${stroke}"/>`,
      );
      return `${line}${dots.join('')}`;
    }
    if (!isArea) return line;
    const [from, to] = [margin.left + across.at(shown[0]![0]), margin.left + across.at(shown[shown.length - 1]![0])];
    return `<polygon points="${place(from)},${bottom} ${corners.join(' ')} ${place(to)},${bottom}" fill="${stroke}" fill-opacity="0.25"/>${line}`;
  });
  const named =
    series.length > 1
      ? legend(series.map(({ name, color }, at) => [name, color ?? palette[at % palette.length]!]))
      : '';
  return drawing(title, `${frame(across, up, x, y)}${lines.join('')}${named}`);
}

export interface StackedBars {
  readonly title: string;
  /** Names of the parts, in the order in which they are stacked. */
  readonly parts: readonly string[];
  readonly bars: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** One horizontal bar for each name, each as long as the chart: shares, with the counts written into them. */
export function stackedBars({ title, parts, bars }: StackedBars): string {
  const barHeight = 22;
  const left = 170;
  const room = width - left - margin.right;
  const drawn = bars.map(({ name, values }, row) => {
    const total = values.reduce((sum, value) => sum + value, 0);
    const top = margin.top + row * (barHeight + 8);
    let at = left;
    const pieces = values.map((value, part) => {
      if (value === 0 || total === 0) return '';
      const wide = (value / total) * room;
      const label =
        wide > 46
          ? text(at + wide / 2, top + 15, value.toLocaleString('en-US'), 'text-anchor="middle" fill="#fff"')
          : '';
      const piece = `<rect x="${place(at)}" y="${top}" width="${place(wide)}" height="${barHeight}" fill="${palette[part % palette.length]}"><title>${escapeXml(`${parts[part]}: ${value}`)}</title></rect>${label}`;
      at += wide;
      return piece;
    });
    const words = name.length > 26 ? `${name.slice(0, 25)}…` : name;
    const none = total === 0 ? text(left + 4, top + 15, 'not known') : '';
    return `${text(left - 8, top + 15, words, 'text-anchor="end"')}${pieces.join('')}${none}`;
  });
  const tall = margin.top + bars.length * (barHeight + 8) + 14;
  return drawing(
    title,
    `${legend(parts.map((part, at) => [part, palette[at % palette.length]!]))}${drawn.join('')}`,
    tall,
  );
}

export interface HeatMap {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Cells that are not empty, in values of the axes. */
  readonly cells: readonly {
    readonly x: number;
    readonly width: number;
    readonly y: number;
    readonly yEnd: number;
    readonly count: number;
  }[];
}

/** The darker, the more; by the logarithm of the count, so that rare cells can be seen. */
export function heatMap({ title, x, y, cells }: HeatMap): string {
  const across = scaleOf(
    x,
    cells.map((cell) => cell.x + cell.width),
    plotWidth,
  );
  const up = scaleOf(
    y,
    cells.flatMap((cell) => [cell.y, cell.yEnd]),
    plotHeight,
  );
  const bottom = margin.top + plotHeight;
  const most = cells.reduce((max, { count }) => Math.max(max, count), 1);
  const drawn = cells.map((cell) => {
    const [from, to] = [across.at(cell.x), across.at(cell.x + cell.width)];
    const [low, high] = [up.at(cell.y), up.at(cell.yEnd)];
    const depth = Math.log(1 + cell.count) / Math.log(1 + most);
    return `<rect x="${place(margin.left + from)}" y="${place(bottom - high)}" width="${place(Math.max(0.6, to - from))}" height="${place(Math.max(0.6, high - low))}" fill="${shade(depth)}"/>`;
  });
  return drawing(title, `${frame(across, up, x, y)}${drawn.join('')}`);
}

/** From light yellow over red to nearly black. */
function shade(depth: number): string {
  const stops = [
    [255, 237, 160],
    [253, 141, 60],
    [189, 0, 38],
    [60, 0, 30],
  ] as const;
  const at = Math.min(2.999, Math.max(0, depth * 3));
  const [low, high] = [stops[Math.floor(at)]!, stops[Math.floor(at) + 1]!];
  const mixed = low.map((value, part) => Math.round(value + (high[part]! - value) * (at % 1)));
  return `rgb(${mixed.join(',')})`;
}
