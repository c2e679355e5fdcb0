// Pages that need nothing else: no script, no font, no picture from elsewhere. Pure.
import { escapeXml } from './svg-chart';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
h1 { margin-bottom: 0; } h2 { margin-top: 2em; } .about { color: #555; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: normal; }
.remark { background: #fff4d6; border-left: 4px solid #e69f00; padding: .5em 1em; margin: .5em 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(520px, 1fr)); gap: 14px; }
.plots svg { width: 100%; height: auto; border: 1px solid #ddd; }
`;

const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;

export const htmlTable = (names: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead>${row('th', names)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`;

/** `body` is markup, `title` is not. */
export const htmlPage = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(title)}</title><style>${style}</style></head><body>
${body}
</body></html>
`;
