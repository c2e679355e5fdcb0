// One `npm start` or `npm run cluster` from its settings to the last process that ended. The command calls it once everything is built.
//
// Guarantees: what cannot start is one sentence and exit code 1, with nothing left running; SIGINT, SIGTERM and SIGHUP stop the apps in order,
// a second SIGINT at once; the answer is the exit code.
import { resolve } from 'node:path';
import { readSettings, BadSettings, badSettingsExitCode } from '#config';
import { identify, type ReadyDetails } from '#lifecycle';
import type { Program } from './app-process';
import { openDataDirectory } from './data-directory';
import type { Setting } from './environment';
import { guestLimits } from './guest-limits';
import { awaitLeftovers } from './leftovers';
import { nodeFacts } from './node-facts';
import { planApps } from './plan-apps';
import { planCluster } from './plan-cluster';
import { readyText } from './ready-text';
import { removeRunningRecord, writeRunningRecord } from './running-record';
import { StartFailure } from './start-failure';
import { StopSignals } from './stop-signals';
import { Supervisor } from './supervisor';
import { endUseLeases } from './use-leases';

export interface Installation {
  /** The checkout. */
  readonly root: string;
  readonly version: string;
  /** bin/settings.json */
  readonly settings: readonly Setting[];
}

const say = (line: string): void => {
  process.stderr.write(`hearth: ${line}\n`);
};

type Planner = typeof planApps;

/** Runs Hearth until it is told to stop; answers the exit code. */
export const superviseHearth = (installation: Installation): Promise<number> => supervise(installation, planApps);

/** The same with several of each app. */
export const superviseCluster = (installation: Installation): Promise<number> => supervise(installation, planCluster);

async function supervise(installation: Installation, planner: Planner): Promise<number> {
  const signals = new StopSignals();
  try {
    await run(installation, planner, signals);
    return 0;
  } catch (error) {
    if (error instanceof BadSettings) {
      say(`bad settings. ${error.message.replaceAll('\n', ' ')}`);
      return badSettingsExitCode;
    }
    if (!(error instanceof StartFailure)) throw error;
    if (!error.isTold) say(error.message);
    return 1;
  } finally {
    signals.close();
  }
}

/** Of one controller, or of each. */
const clientListeners = (listeners: Readonly<Record<string, string>>): string[] =>
  Object.entries(listeners).flatMap(([name, address]) => (name.endsWith('API_LISTEN') ? [address] : []));

async function run({ root, version, settings }: Installation, planner: Planner, signals: StopSignals): Promise<void> {
  const { limits } = readSettings({});
  const directory = openDataDirectory(resolve(process.env.HEARTH_DATA_DIR || `${root}/.hearth`));
  try {
    await awaitLeftovers(directory.path, limits, say);
    const plan = await planner(root, directory.path, settings, process.env);
    const own = identify(process.pid) ?? { pid: process.pid, startTicks: '' };
    const record = (): void =>
      writeRunningRecord(directory.path, {
        supervisor: own,
        apps: supervisor.running(),
        listeners: plan.listeners,
        isReady: supervisor.isReady,
      });
    const events = {
      say,
      onChange: record,
      onReaped: async (program: Program, details: ReadyDetails | undefined) => {
        const ends = plan.agentUrls.map((url) => endUseLeases(url, plan.agentToken, details ?? {}));
        const trouble = (await Promise.all(ends)).find((text) => text !== undefined);
        if (trouble !== undefined) say(`${program.name}: its use leases end by themselves (${trouble})`);
      },
    };
    const supervisor = new Supervisor(plan.programs, limits, events, plan.shared);
    signals.onForce(() => {
      say('stopping at once');
      supervisor.kill();
    });
    try {
      const outcome = await Promise.race([supervisor.start().then(() => 'ready' as const), signals.stop]);
      if (outcome === 'ready') {
        const limitsText = await guestLimits(plan.apiHost);
        process.stdout.write(
          readyText({
            version,
            apiHost: plan.apiHost,
            ...(await nodeFacts(plan.agentUrls[0] ?? '', plan.kinds)),
            dataDirectory: directory.path,
            tookMs: process.uptime() * 1_000,
            listens: clientListeners(plan.listeners),
            limits: limitsText,
            more: plan.more,
          }),
        );
      }
      say(`stopping (${await signals.stop})`);
    } finally {
      await supervisor.stop();
      removeRunningRecord(directory.path);
    }
    say('stopped');
  } finally {
    directory.release();
  }
}
