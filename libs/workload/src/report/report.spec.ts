import { seededRandom } from '#clock';
import { planWorkload } from '../plan';
import { readWorkload } from '../read-workload';
import { startPaths } from '../statistics/finished-request';
import type { WorkloadResult } from '../statistics/result';
import { WorkloadStatistics } from '../statistics/workload-statistics';
import { comparisonText } from './compare-results';
import { htmlReport } from './html-report';
import { plotsOf } from './plots';
import { lineChart } from './svg-chart';

function resultOf(slower: number, about = 'of <two> & "more"'): WorkloadResult {
  const { workload } = readWorkload(`
name: two
about: ${JSON.stringify(about)}
scenarios:
  - { name: quick, requests: 10, arrivals: { constant: { perSecond: 10 } } }
  - { name: slow, requests: 10, arrivals: { constant: { perSecond: 10 } } }`);
  const statistics = new WorkloadStatistics(planWorkload(workload!));
  const random = seededRandom(7);
  for (let at = 0; at < 3_000; at += 1) {
    const intendedMs = at * 2;
    const startPath = startPaths[Math.floor(random() ** 4 * 4)]!;
    const endedMs = intendedMs + (1 + random() * 5 + (startPath === 'cold' ? 0 : 60)) * slower;
    statistics.record(at % 2, {
      intendedMs,
      sentMs: intendedMs,
      endedMs,
      outcome: random() < 0.02 ? 'lost' : 'ok',
      startPath,
      container: `c${at % 9}`,
    });
  }
  return statistics.toResult({ source: 'platform', target: 'http://127.0.0.1', elapsedMs: 6_000, isPartial: false });
}

/** Every tag is closed in order; no text has a bare `<` or `&`. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, selfClosed] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/gi)) {
    if (selfClosed) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0 && !/&(?!#\d+;)/.test(svg) && svg.replace(/<[^<>]*>/g, '').search(/[<>]/) === -1;
}

describe('the report', () => {
  const result = resultOf(1);

  it('has every plot as an image that stands alone', () => {
    const plots = plotsOf(result);
    expect(plots.map(({ name }) => name)).toEqual([
      'latency-distribution',
      'latency-over-time',
      'throughput',
      'containers-over-time',
      'latency-heat-map',
      'start-paths',
    ]);
    for (const { svg } of plots) {
      expect(isWellFormed(svg)).toBe(true);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('draws of nothing, too', () => {
    const empty = new WorkloadStatistics(
      planWorkload(
        readWorkload('name: a\nscenarios: [{ name: b, requests: 1, arrivals: { constant: { perSecond: 1 } } }]')
          .workload!,
      ),
    );
    const nothing = empty.toResult({ source: 'simulation', target: 'nothing', elapsedMs: 0, isPartial: true });
    for (const { svg } of plotsOf(nothing)) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(htmlReport(nothing)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is one page that asks for nothing else and takes no text for markup', () => {
    const page = htmlReport(result);
    expect(page).not.toMatch(/<(script|link|img|iframe)|url\(|\bsrc=|href=/);
    expect(page).toContain('of &#60;two&#62; &#38; &#34;more&#34;');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('escapes what a series is called', () => {
    const svg = lineChart({
      title: '<&>',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [
        {
          name: 'a<b',
          points: [
            [0, 0],
            [1, 2],
          ],
        },
        { name: 'c', points: [] },
      ],
    });
    expect(isWellFormed(svg)).toBe(true);
  });
});

describe('a comparison', () => {
  it('says by how much the second differs', () => {
    const text = comparisonText(resultOf(1), resultOf(2), ['a.json', 'b.json']);
    const row = text.split('\n').find((line) => /^quick +p50 ms/.test(line));
    expect(row).toMatch(/\+100\.\d %|\+99\.\d %/);
  });

  it('warns of what cannot be compared', () => {
    const other = { ...resultOf(1), workload: { name: 'two', about: '', seed: 2 }, isPartial: true };
    const text = comparisonText(resultOf(1), other, ['a', 'b']);
    expect(text).toContain('They have different seeds (1, 2)');
    expect(text).toContain('b was stopped before its end.');
  });
});
