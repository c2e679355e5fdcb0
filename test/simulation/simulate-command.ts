// `hearth simulate FILE`: runs a workload file on a simulated cluster, once for each policy, prints the tables of a run and what the policies cost, and leaves
// the reports that a run on a real platform leaves.
//
// Exit code: 0 done, 1 the file or a measurement cannot be read or planned, or a report not be written, 2 not understood.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Plan,
  planWorkload,
  policiesReport,
  type PolicyFigures,
  policyPlots,
  policyTable,
  problemLine,
  readWorkload,
  resultTable,
  type WorkloadResult,
} from '#workload';
import { writeFiles, writeResult } from '#workload-command';
import { fittedTimings, type Measured, measuredOfBench } from './fitted-timings';
import { keepHeapTogether } from './heap-place';
import { HugePages } from './huge-pages';
import { countedPolicies } from './keep-alive-count';
import { Misunderstood, policies, type PolicyRun, readSimulateLine, type SimulateLine } from './simulate-line';
import { usualCluster, WorkloadCluster } from './workload-cluster';

/** A cluster of so many nodes has a heap for which it matters where it is, and in which pages. */
const largeNodes = 1_000;

export interface SimulateContext {
  out(text: string): void;
}

/** Answers the exit code. */
export async function runSimulate(words: readonly string[], context: SimulateContext): Promise<number> {
  try {
    await simulateFile(readSimulateLine(words), context);
    return 0;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const isOption = typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
    context.out(`hearth: simulate: ${message}\n`);
    return error instanceof Misunderstood || isOption ? 2 : 1;
  }
}

function planOf(file: string, seed: number | undefined): Plan {
  const read = readWorkload(readFileSync(file, 'utf8'));
  if (!read.workload) throw new Error(read.problems.map((problem) => problemLine(file, problem)).join('\n'));
  return planWorkload(read.workload, { seed, readFile: (name) => readFileSync(join(dirname(file), name), 'utf8') });
}

interface Simulated {
  readonly result: WorkloadResult;
  readonly figures: PolicyFigures;
}

async function simulateFile(line: SimulateLine, { out }: SimulateContext): Promise<void> {
  const { bench, runs, json, counts } = line;
  const measured: Measured =
    bench === undefined ? { times: {} } : measuredOfBench(readFileSync(bench.file, 'utf8'), bench.driver);
  const plan = planOf(line.file, line.seed);
  if (counts) return out(policyTable(countedPolicies(plan, counts)));
  const isLarge = line.nodes >= largeNodes;
  if (isLarge) keepHeapTogether();
  const pages = isLarge ? HugePages.ofSystem() : undefined;
  const all: Simulated[] = [];
  for (const run of runs) {
    const began = performance.now();
    const one = simulate(plan, line, run, measured, () => pages?.tend());
    const seconds = (performance.now() - began) / 1_000;
    all.push(one);
    const { target, elapsedMs } = one.result;
    out(
      `${target}: ${(elapsedMs / 1_000).toFixed(0)} s of virtual time in ${seconds.toFixed(1)} s\n${resultTable(one.result)}\n`,
    );
  }
  const figures = all.map((each) => each.figures);
  out(policyTable(figures));
  for (const path of await writeReports(plan, line, all)) out(`wrote ${path}\n`);
  if (json === undefined) return;
  const [first, ...others] = all;
  const document =
    others.length === 0 ? first!.result : { policies: figures, results: all.map(({ result }) => result) };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

function simulate(
  plan: Plan,
  line: SimulateLine,
  { policy, keepMinutes, name }: PolicyRun,
  measured: Measured,
  nowAndThen: () => void,
): Simulated {
  const { nodes, nodeMemoryMb, controllers, stemCellCount, placement } = line;
  const cluster = new WorkloadCluster(plan, {
    ...usualCluster,
    nodes,
    nodeMemoryMb,
    controllers,
    stemCellCount,
    seed: plan.seed,
    policies: { ...policies[policy], placement },
    limits: { idleRemovalMs: Math.round(keepMinutes * 60_000) },
    timings: fittedTimings(measured.times, measured.busy),
  });
  cluster.finish(Infinity, nowAndThen);
  const { statistics, elapsedMs, answered, cold, coldThirdQuartile } = cluster.run;
  const target = `${nodes} ${nodes === 1 ? 'node' : 'nodes'} of ${nodeMemoryMb} MB, policy ${name}`;
  const { wastedGbS, wastedShare } = cluster.memory;
  return {
    result: statistics.toResult({ source: 'simulation', target, elapsedMs, isPartial: false }),
    figures: {
      name,
      family: policy,
      coldShare: cold / Math.max(1, answered),
      coldThirdQuartile,
      wastedGbS,
      wastedShare,
    },
  };
}

/** One report for each policy, and one of all. Answers the paths. */
async function writeReports(plan: Plan, { out, plots }: SimulateLine, all: readonly Simulated[]): Promise<string[]> {
  const { name, about } = plan.workload;
  const directory = out ?? join('workload-results', `${name}-simulated`);
  const [first, ...others] = all;
  if (others.length === 0) return writeResult(first!.result, directory, plots);
  const figures = all.map((each) => each.figures);
  const page = ['policies.html', policiesReport(name, about, figures)] as const;
  const paths = await writeFiles(directory, [page], policyPlots(figures), plots);
  for (const { result, figures: of } of all) {
    paths.push(...(await writeResult(result, join(directory, of.name.replaceAll(' ', '-')), plots)));
  }
  return paths;
}
