// `hearth workload run FILE`: reads, plans, drives, shows, writes.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { productFile } from '#config';
import { readLimits } from '#limits';
import { type Plan, resultTable } from '#workload';
import { DriverFailure, hostUrl, PlanRun, readApiHost } from '#workload-driver';
import type { RunLine } from './command-line';
import { findWorkload, planOf } from './find-workload';
import { showLive, type View } from './live-view';
import { findWhereabouts } from './whereabouts';
import { WorkloadFailure } from './workload-failure';
import { writeResult } from './write-result';

export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** The checkout. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly say: (text: string) => void;
  readonly view: View;
  /** Calls back on each Ctrl-C; answers how to listen no more. */
  readonly onStop: (stop: () => void) => () => void;
}

/** Answers the exit code: 0, or 130 if it was stopped. Throws `WorkloadFailure`. */
export async function runFile(line: RunLine, context: CommandContext): Promise<number> {
  const { env, root, out, say, view } = context;
  const found = findWorkload(line.file);
  const plan = planOf(found, line.seed);
  const { limits, complaints } = readLimits(env);
  if (complaints.length > 0) throw new WorkloadFailure(complaints.join('\n'), 2);
  const { apihost, auth } = findWhereabouts(line, env, root);
  const endpoint = readApiHost(apihost, line.isInsecure);
  if (typeof endpoint === 'string') throw new WorkloadFailure(`--apihost: ${endpoint}`, 2);
  const [, host, port] = /^(.*):(\d+)$/.exec(line.callBackListen)!;
  const run = new PlanRun(plan, {
    endpoint,
    auth,
    prefix: line.prefix ?? `workload-${randomBytes(3).toString('hex')}`,
    actionCode: readFileSync(productFile('workloads/action.js'), 'utf8'),
    callBack: { host: host!.replace(/^\[(.*)\]$/, '$1'), port: Number(port), url: line.callBackUrl },
    clock: systemClock,
    limits,
  });
  say(`${plan.workload.name}: ${sizeOf(plan)} against ${hostUrl(endpoint)}, seed ${plan.seed}`);
  if (found.workload.needs !== undefined) say(`it needs: ${found.workload.needs}`);
  const deafen = context.onStop(() => {
    say('stopping; what was made is removed (Ctrl-C again: do not wait for what is under way)');
    run.stop();
  });
  const hide = line.isQuiet ? () => undefined : showLive(view, () => run.progress());
  const result = await run
    .run()
    .catch((error: unknown) => {
      if (error instanceof DriverFailure) throw new WorkloadFailure(`${hostUrl(endpoint)}: ${error.message}`);
      throw error;
    })
    .finally(() => {
      hide();
      deafen();
    });
  out(resultTable(result));
  const directory = line.out ?? join('workload-results', `${plan.workload.name}-${stampOf(result.startedAt)}`);
  for (const path of await writeResult(result, directory, line.plots)) say(`wrote ${path}`);
  return result.isPartial ? 130 : 0;
}

const stampOf = (startedAt: string | undefined): string =>
  (startedAt || 'not-started').slice(0, 19).replaceAll(':', '');

function sizeOf({ scenarios }: Plan): string {
  const actions = scenarios.reduce((sum, { actions: own }) => sum + own.length, 0);
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return `${count(scenarios.length, 'scenario')}, ${count(actions, 'action')}`;
}
