// Leaves a result as files: JSON, the HTML report, and plots if they are wanted.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { htmlReport, type Plot, plotsOf, type WorkloadResult } from '#workload';
import type { PlotFormat } from './command-line';
import { WorkloadFailure } from './workload-failure';

/** Answers the paths, the most important first. Throws `WorkloadFailure`. */
export async function writeResult(
  result: WorkloadResult,
  directory: string,
  formats: readonly PlotFormat[],
  isWithJson = true,
): Promise<string[]> {
  const plots = plotsOf(result);
  const files: [string, string][] = [['report.html', htmlReport(result, plots)]];
  if (isWithJson) files.push(['result.json', `${JSON.stringify(result)}\n`]);
  return writeFiles(directory, files, plots, formats);
}

/** Texts by name, and plots in each of the formats. Answers the paths. Throws `WorkloadFailure`. */
export async function writeFiles(
  directory: string,
  texts: readonly (readonly [string, string])[],
  plots: readonly Plot[],
  formats: readonly PlotFormat[],
): Promise<string[]> {
  const files: (readonly [string, string | Uint8Array])[] = [...texts];
  for (const { name, svg } of plots) {
    if (formats.includes('svg')) files.push([`${name}.svg`, svg]);
    if (formats.includes('png')) files.push([`${name}.png`, await pngOf(svg)]);
  }
  try {
    mkdirSync(directory, { recursive: true });
    for (const [name, content] of files) writeFileSync(join(directory, name), content);
  } catch (error) {
    throw new WorkloadFailure(`cannot write the result to ${directory} (${(error as Error).message}); give --out.`);
  }
  return files.map(([name]) => join(directory, name));
}

/** Twice as fine as it is drawn, for screens of today. */
async function pngOf(svg: string): Promise<Uint8Array> {
  // Native code that most runs do not need.
  const { Resvg } = await import('@resvg/resvg-js');
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: true } }).render().asPng();
}
