// Shows how a run goes: a table that is drawn over itself on a terminal, a line now and then elsewhere.
import type { Progress } from '#workload-driver';
import { liveTable } from './live-table';

const drawMs = 1_000;
const lineMs = 10_000;

/** Where it is drawn: stderr, so that stdout has only the result. */
export interface View {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Answers how to end it; the table is wiped then. */
export function showLive(view: View, progress: () => Progress): () => void {
  if (!view.isTTY) {
    const timer = setInterval(() => view.write(`hearth: ${lineOf(progress())}\n`), lineMs);
    return () => clearInterval(timer);
  }
  let lines = 0;
  const wipe = (): string => (lines > 0 ? `\x1b[${lines}A\x1b[J` : '');
  const draw = (): void => {
    const text = liveTable(progress(), view.columns ?? 80);
    view.write(`${wipe()}${text}`);
    lines = text.split('\n').length - 1;
  };
  draw();
  const timer = setInterval(draw, drawMs);
  return () => {
    clearInterval(timer);
    view.write(wipe());
  };
}

function lineOf({ phase, share, statistics: { scenarios } }: Progress): string {
  const sum = (of: (scenario: (typeof scenarios)[number]) => number): number =>
    scenarios.reduce((total, scenario) => total + of(scenario), 0);
  return `${phase}: ${(100 * share).toFixed(0)} %, ${sum(({ requests }) => requests)} requests, ${sum(({ errors }) => errors)} errors`;
}
