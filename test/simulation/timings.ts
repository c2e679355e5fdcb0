// How long things take in a simulated cluster. Those of a search for broken promises spread widely, so that everything overtakes everything;
// those of an experiment are fitted to what was measured on a real machine (fitted-timings.ts).
import type { Chance } from './chance';

export type DrawMs = (chance: Chance) => number;

/** Of a millisecond that it takes alone; above 1 if several cores are at it. */
export interface BusyShares {
  /** Cores of each node; a fraction is what others leave. */
  readonly cores: number;
  readonly create: number;
  readonly remove: number;
  readonly freeze: number;
  readonly init: number;
  readonly run: number;
  /** Of the way in and out. */
  readonly way: number;
  readonly hop: number;
}

export interface Timings {
  /** Share of creations that take longer than anybody waits. */
  readonly slowShare: number;
  readonly createMs: DrawMs;
  readonly removeMs: DrawMs;
  /** Of a suspend or a resume, at the agent. */
  readonly freezeMs: DrawMs;
  readonly initMs: DrawMs;
  /** What a run takes beside the action's own work. */
  readonly runMs: DrawMs;
  /** To read an action's code before an init. */
  readonly codeMs: DrawMs;
  /** A request's way into a container, and an answer's way back. */
  readonly inMs: DrawMs;
  readonly outMs: DrawMs;
  /** A message between two processes, one way. */
  readonly hopMs: DrawMs;
  /** How long a record waits for others before they are stored. */
  readonly recordMs: DrawMs;
  /** Of the first run in a container, instead of `runMs`. */
  readonly firstRunMs?: DrawMs;
  /** Which share of each keeps a core of the node busy; undefined: nobody disturbs anybody. */
  readonly busy?: BusyShares;
}

export const wideTimings: Timings = {
  slowShare: 0.03,
  createMs: (chance) => chance.between(10, 200),
  removeMs: (chance) => chance.between(2, 60),
  freezeMs: (chance) => chance.between(0.1, 5),
  initMs: (chance) => chance.skewed(2, 100),
  runMs: () => 0,
  codeMs: (chance) => chance.between(0, 2),
  inMs: (chance) => chance.between(0.1, 2),
  outMs: (chance) => chance.between(0.1, 1),
  hopMs: (chance) => chance.skewed(0.2, 30),
  recordMs: (chance) => chance.skewed(20, 2_000),
};
