// How many more containers a demand is worth. Pure arithmetic over what its controller said and what is on its way already.
//
// Known mean: enough that those who wait and run now are done within `backlogClearMs`, about what a new container costs; so with a
// mean of 10 ms, 100 waiters get 10 containers, not 100. Unknown mean: 2 at first, then twice as many with each finished round of
// creations; calls that have been running for more than twice `backlogClearMs`, which is longer than an /init takes, are a lower bound of
// the mean. Never more than the waiters.

export interface Backlog {
  readonly waiting: number;
  readonly inFlight: number;
  /** Containers that the controller has. */
  readonly owned: number;
  /** Runs at once in one container. */
  readonly concurrency: number;
  /** 0 = unknown. */
  readonly meanDurationMs: number;
  readonly oldestRunningMs: number;
  /** Containers on their way to it. */
  readonly supply: number;
  /** Containers at which the current round of creations ends. */
  readonly roundTarget: number;
  /** How long its longest waiter has been waiting. */
  readonly waitedMs: number;
  /** How long nothing has come for it. */
  readonly stalledMs: number;
}

export interface Thresholds {
  readonly backlogClearMs: number;
  readonly fairnessMs: number;
  /** Who waits for less is soon served. */
  readonly demandLightMs: number;
  /** Waiters for each run that the owned containers can do at once, up to which waiting in turn is cheap. */
  readonly turnsPerContainerCount: number;
}

export interface Desired {
  /** Worth reclaiming from others. */
  readonly needed: number;
  /** Only worth memory that nobody uses: by the mean the owned containers keep up, but somebody has been waiting for long. */
  readonly extra: number;
  readonly roundTarget: number;
}

export function desiredCount(backlog: Backlog, thresholds: Thresholds): Desired {
  const { backlogClearMs, fairnessMs, demandLightMs, turnsPerContainerCount } = thresholds;
  const { waiting, inFlight, owned, concurrency, supply, roundTarget } = backlog;
  const most = Math.ceil(waiting / concurrency) - supply;
  const upTo = (target: number): number => Math.max(0, Math.min(target - owned - supply, most));
  if (most <= 0) return { needed: 0, extra: 0, roundTarget };
  const longMs = backlog.oldestRunningMs >= 2 * backlogClearMs ? backlog.oldestRunningMs : 0;
  const estimateMs = backlog.meanDurationMs || longMs;
  if (estimateMs === 0) {
    const target = supply === 0 ? Math.max(2, 2 * owned) : roundTarget;
    return { needed: upTo(target), extra: 0, roundTarget: target };
  }
  const needed = upTo(Math.ceil(((waiting + inFlight) * estimateMs) / (backlogClearMs * concurrency)));
  // Waiting in turn is cheap while turns are short and few: more containers than keep the cores busy only get in each other's way. Whoever goes on waiting
  // for longer waits for calls that may well wait themselves, so on unused memory it is worth finding out: 16 callers of 20 ms had 4 containers.
  const turns = waiting / Math.max(1, owned * concurrency);
  const isSlow =
    backlog.stalledMs >= backlogClearMs && (backlog.waitedMs >= demandLightMs || turns > turnsPerContainerCount);
  if (needed > 0 || supply > 0 || !isSlow) return { needed, extra: 0, roundTarget };
  const growth = Math.min(most, Math.max(1, owned >> 1));
  return backlog.waitedMs >= fairnessMs
    ? { needed: growth, extra: 0, roundTarget }
    : { needed: 0, extra: growth, roundTarget };
}
