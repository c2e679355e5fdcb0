// Apps that a killed supervisor left behind. They end by themselves when their channel closes, but may take a while to finish what
// runs; a new start waits for them, since two controllers of one name or two agents of one node would fight.
import { systemClock } from '#clock';
import { isAlive, type ProcessIdentity } from '#lifecycle';
import type { Limits } from '#limits';
import { readRunningRecord } from './running-record';

const lookAgainMs = 50;

/** Resolves once none of them runs. Those that outlast the limit are killed; pid and start time together make sure that it is them. */
export async function awaitLeftovers(
  dataDirectory: string,
  limits: Pick<Limits, 'leftoverWaitMs'>,
  say: (line: string) => void,
): Promise<void> {
  const left = (): [string, ProcessIdentity][] =>
    Object.entries(record?.apps ?? {}).filter(([, process]) => isAlive(process));
  const record = readRunningRecord(dataDirectory);
  if (left().length === 0) return;
  say(
    `waiting for ${left()
      .map(([app, { pid }]) => `${app} (process ${pid})`)
      .join(', ')} of the start before to end`,
  );
  const deadline = systemClock.now() + limits.leftoverWaitMs;
  let killed = false;
  while (left().length > 0) {
    if (!killed && systemClock.now() > deadline) {
      killed = true;
      for (const [app, { pid }] of left()) {
        say(`${app}: killed (process ${pid} did not end within ${limits.leftoverWaitMs} ms)`);
        process.kill(pid, 'SIGKILL');
      }
    }
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}
