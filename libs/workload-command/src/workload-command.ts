// Runs one command of `hearth workload` and says how it went by its exit code: 0 done, 1 not done, 2 not understood, 130 stopped by Ctrl-C.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { comparisonText, mergeResults, readResult, resultTable, type WorkloadResult } from '#workload';
import { alignedTable } from '#terminal';
import { readCommandLine, type CommandLine } from './command-line';
import { findWorkload, readyMadeWorkloads } from './find-workload';
import { type CommandContext, runFile } from './run-command';
import { WorkloadFailure } from './workload-failure';
import { writeResult } from './write-result';

export async function runWorkload(argv: readonly string[], context: CommandContext): Promise<number> {
  const line = readCommandLine(argv);
  if (typeof line === 'string') {
    context.say(line);
    return 2;
  }
  try {
    return await runLine(line, context);
  } catch (error) {
    if (!(error instanceof WorkloadFailure)) throw error;
    for (const sentence of error.message.split('\n')) context.say(sentence);
    return error.exitCode;
  }
}

async function runLine(line: CommandLine, context: CommandContext): Promise<number> {
  switch (line.command) {
    case 'run':
      return runFile(line, context);
    case 'list':
      context.out(line.name === undefined ? listText() : explainText(line.name));
      return 0;
    case 'compare': {
      const [first, second] = line.files;
      context.out(comparisonText(resultAt(first), resultAt(second), [nameOf(first), nameOf(second)]));
      return 0;
    }
    case 'merge': {
      const result = merged(line.files);
      context.out(resultTable(result));
      const directory = line.out ?? join('workload-results', `${result.workload.name}-merged`);
      for (const path of await writeResult(result, directory, line.plots)) context.say(`wrote ${path}`);
      return 0;
    }
    case 'report': {
      const result = resultAt(line.file);
      context.out(resultTable(result));
      const paths = await writeResult(result, line.out ?? dirname(line.file), line.plots, false);
      for (const path of paths) context.say(`wrote ${path}`);
      return 0;
    }
  }
}

function listText(): string {
  const rows = readyMadeWorkloads().map(({ path, workload }) => [
    basename(path, '.yaml'),
    workload.about.trim().replaceAll(/\s+/g, ' '),
  ]);
  return alignedTable(['workload', 'shows'], rows);
}

function explainText(name: string): string {
  const { path, workload } = findWorkload(name);
  const scenarios = workload.scenarios.map(
    (scenario) =>
      `  ${scenario.name}: ${Object.keys(scenario.wild ? { 'in the wild': 1 } : (scenario.arrivals ?? {})).join('')} arrivals, start ${scenario.start}, completion ${scenario.completion}\n`,
  );
  const needs = workload.needs === undefined ? '' : `needs: ${workload.needs}\n`;
  return `${workload.name} (${path})\n${workload.about.trim()}\n${needs}scenarios, in ${workload.order}:\n${scenarios.join('')}`;
}

function merged(files: readonly string[]): WorkloadResult {
  const results = files.map(resultAt);
  try {
    return mergeResults(results, files.map(nameOf));
  } catch (error) {
    throw new WorkloadFailure((error as Error).message, 2);
  }
}

/** What tells two results apart: their directory, as runs name it. */
const nameOf = (path: string): string =>
  basename(path) === 'result.json' ? basename(dirname(path)) : basename(path, '.json');

function resultAt(path: string): WorkloadResult {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new WorkloadFailure(`cannot read ${path} (${(error as Error).message}).`, 2);
  }
  try {
    return readResult(text, path);
  } catch (error) {
    throw new WorkloadFailure((error as Error).message, 2);
  }
}
