// A result of the bench as one HTML file that needs nothing else. Pure.
import { escapeXml, lineChart } from './libs.mjs';
import { figure, targetLine } from './figures.mjs';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
h2 { margin-top: 2em; } table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; } th:first-child, td:first-child { text-align: left; }
.ok { color: #00704f; } .missed { color: #b03000; font-weight: bold; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(520px, 1fr)); gap: 14px; margin-top: 14px; }
.plots svg { width: 100%; height: auto; border: 1px solid #ddd; }
`;

const line = (tag, cells) => `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;

function tableOf(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const body = rows.map((row) =>
    line(
      'td',
      columns.map((column) => figure(row[column], column)),
    ),
  );
  return `<table>${line('th', columns)}${body.join('')}</table>`;
}

/** Charts that every scenario with rows of rates and times has, beside its own. */
const shareOf = (rows, column) => rows.filter((row) => typeof row[column] === 'number');

function bars(title, rows, column) {
  const shown = shareOf(rows, column);
  if (shown.length < 2) return '';
  const most = Math.max(...shown.map((row) => row[column]), 1e-9);
  const tall = 40 + shown.length * 26;
  const drawn = shown.map((row, at) => {
    const [y, wide] = [34 + at * 26, (row[column] / most) * 380];
    return `<text x="260" y="${y + 14}" text-anchor="end">${escapeXml(row.what.slice(0, 40))}</text><rect x="268" y="${y}" width="${Math.max(1, wide).toFixed(1)}" height="18" fill="#0072b2"/><text x="${(274 + wide).toFixed(1)}" y="${y + 14}">${escapeXml(figure(row[column], column))}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${tall}" font-family="DejaVu Sans, Helvetica, sans-serif" font-size="11" fill="#333"><rect width="100%" height="100%" fill="#fff"/><text x="14" y="20" font-size="13" font-weight="bold">${escapeXml(`${title}: ${column}`)}</text>${drawn.join('')}</svg>`;
}

function sectionOf([name, { about, rows, targets, charts, notes }]) {
  const plots = ['requests/s', 'p50 ms', 'p99 ms'].map((column) => bars(name, rows, column));
  const lines = targets.map((each) => `<p class="${each.isMet ? 'ok' : 'missed'}">${escapeXml(targetLine(each))}</p>`);
  return `<h2>${escapeXml(name)}</h2><p>${escapeXml(about)}</p>${rows.length > 0 ? tableOf(rows) : ''}
${notes.map((note) => `<p>${escapeXml(note)}</p>`).join('')}${lines.join('')}
<div class="plots">${[...plots, ...charts.map((chart) => lineChart(chart))].join('')}</div>`;
}

export function htmlOf(document) {
  const { machine, at, host, busyShareBefore, scenarios } = document;
  const facts = [
    at,
    host,
    machine.cpu,
    `${machine.memoryGiB} GiB`,
    machine.kernel,
    `Node ${machine.node}`,
    machine.nginx ?? 'no nginx',
    `${Math.round(busyShareBefore * 100)} % busy with other things before`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Hearth bench</title><style>${style}</style></head><body>
<h1>Hearth bench</h1><p>${facts.map(escapeXml).join(' · ')}</p>
${Object.entries(scenarios).map(sectionOf).join('\n')}
</body></html>
`;
}
